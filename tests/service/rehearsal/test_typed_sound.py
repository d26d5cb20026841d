"""The sound that stands for a typed line: our own ear reads it, wherever it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.ulaw import BYTES_PER_MS, SILENCE, Gate, peak
from appliance.service.rehearsal.typed import FRAME, SOUND_MS, Lines


@given(st.lists(st.text(min_size=1), min_size=1, max_size=300), st.data())
def test_a_line_is_read_from_a_quarter_of_its_sound(texts: list[str], data: st.DataObject) -> None:
    lines = Lines()
    sounds = [lines.sound(text, place * 2000) for place, text in enumerate(texts)]
    chosen = data.draw(st.integers(0, len(texts) - 1))
    quarter = SOUND_MS * BYTES_PER_MS // 4
    start = data.draw(st.integers(0, len(sounds[chosen]) - quarter))
    heard = SILENCE * 500 + sounds[chosen][start : start + quarter] + SILENCE * 500
    assert lines.within(heard) == texts[chosen]
    assert lines.begun(chosen * 2000) == texts[chosen]


def test_lines_after_each_other_are_read_in_order_and_once() -> None:
    lines = Lines()
    one, two = lines.sound("my name is Ana", 0), lines.sound("Ruiz", 2000)
    assert lines.within(one + SILENCE * 4000 + two + one) == "my name is Ana Ruiz"
    assert lines.within(SILENCE * 8000) == ""
    assert lines.begun(1) == ""


def test_it_is_loud_enough_for_a_message() -> None:
    sound, gate = Lines().sound("call me", 0), Gate()
    for _ in range(100):
        gate.open(SILENCE * FRAME)
    frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
    assert all(gate.open(frame) for frame in frames)
    assert min(peak(frame) for frame in frames) > 100


@given(st.binary(max_size=4000))
def test_any_sound_may_be_heard(sound: bytes) -> None:
    assert Lines().within(sound) == ""
