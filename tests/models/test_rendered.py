"""What is rendered of a text is heard whole, or not at all."""

from pathlib import Path

from models.local.mouth import Voice, pause_after, pieces_of
from models.local.prompt_cache import PromptCache
from models.local.rendered import rendered
from models.local.voices import chain

TEXT = "Thank you for calling. For our hours, press 1."


def voices() -> tuple[Voice, ...]:
    better = Voice("speech", chain(None, {})[0].source, {"en": "ann"}, 1.0)
    return better, *chain(None, {})


def test_each_sentence_is_by_the_first_voice_that_has_it(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path)
    first, second = pieces_of(TEXT, "en")
    better, last = voices()
    cache.write(last.key(first, "en", "ulaw_8k"), b"a" * 160)
    assert rendered(cache, voices(), TEXT, "en") is None
    cache.write(last.key(second, "en", "ulaw_8k"), b"b" * 160)
    pause = pause_after(first, "ulaw_8k")
    assert rendered(cache, voices(), TEXT, "en") == b"a" * 160 + pause + b"b" * 160
    cache.write(better.key(second, "en", "ulaw_8k"), b"c" * 160)
    assert rendered(cache, voices(), TEXT, "en") == b"a" * 160 + pause + b"c" * 160
    assert rendered(cache, voices(), TEXT, "es") is None
    assert rendered(cache, voices(), "…", "en") is None
