"""The tools that a brain has asked for and waits for: what came back, and whether the call is to end by it.

Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, field

from appliance.core.commands import AnswerTools, Command, RunTool, TellBrain
from appliance.core.dispositions import Disposition
from appliance.core.events import ToolAnswered, ToolsAsked
from appliance.core.story import Speaker, Story


@dataclass(slots=True)
class _Tool:
    """A tool that was asked for; `output` is None while it runs."""

    name: str
    arguments: str
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Back:
    """What a tool of this name returned, which was asked for with these arguments (JSON)."""

    tool: str
    answer: ToolAnswered
    arguments: str = "{}"


@dataclass(slots=True)
class Errands:
    """The tools under way. `leave` is how the call is to end after them, `spoke` whether words came along.

    `language` is the one to go on in, `sentence` what we say ourselves as it ends; `back` is what came back
    of those that were asked for last.
    """

    spoke: bool = False
    leave: Disposition | None = None
    language: str = ""
    sentence: str = ""
    back: list[Back] = field(default_factory=list)
    _tools: dict[str, _Tool] = field(default_factory=dict)
    _orphaned: bool = False

    def __bool__(self) -> bool:
        return bool(self._tools)

    def asked(self, event: ToolsAsked) -> list[Command]:
        """Run the tools of an answer, beside those that run already."""
        if not self._tools:
            self.back.clear()
        self._tools |= {call.tool_call_id: _Tool(call.name, call.arguments) for call in event.calls}
        self.spoke = event.spoke
        return [RunTool(call) for call in event.calls]

    def answered(self, event: ToolAnswered, story: Story) -> bool:
        """Keep what a tool returned; whether all are back now."""
        tool = self._tools.get(event.tool_call_id)
        if tool is None:
            return False
        tool.output = event.output
        self.back.append(Back(tool.name, event, tool.arguments))
        story.tell(event.tool_call_id, Speaker.TOOL, f"{tool.name} returned {event.output}")
        if event.leave is not None:
            self.leave = event.leave
            self.sentence = event.sentence
        self.language = event.language or self.language
        return all(each.output is not None for each in self._tools.values())

    def orphan(self) -> None:
        """The session that asked is gone."""
        self._orphaned = bool(self._tools)

    def outputs(self, go_on: bool) -> list[Command]:
        """Give everything back, and begin anew."""
        tools, self._tools = self._tools, {}
        orphaned, self._orphaned = self._orphaned, False
        if orphaned:
            # The new session knows of no such calls, so it is told in words.
            return [TellBrain(" ".join(f"{tool.name} returned {tool.output}." for tool in tools.values()))]
        return [AnswerTools(tuple((key, tool.output or "") for key, tool in tools.items()), go_on)]

    def settle(self) -> list[Back]:
        """Begin anew, with nobody left to give the outputs to; what came back."""
        back, self.back = self.back, []
        self.leave, self.language = None, ""
        self._tools.clear()
        self._orphaned = False
        return back
