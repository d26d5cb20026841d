"""How much room there is on the disk, as health tells it."""

from pathlib import Path

from appliance.service.disk import Disk, free_mb


async def test_a_disk_with_room_is_well_and_one_without_is_not(tmp_path: Path) -> None:
    disk = Disk(tmp_path, tmp_path / "not" / "there")
    assert (disk.part().state, disk.shown()) == ("not looked yet", {})
    roomy = Disk(tmp_path, least_mb=0)
    await roomy.look()
    assert (roomy.part().state, roomy.part().well) == ("ok", True)
    full = Disk(tmp_path / "not" / "there", least_mb=10**12)
    await full.look()
    part = full.part()
    assert (part.state, part.well) == ("nearly full", False)
    assert str(part.more["told"]).startswith(f"only {part.more['free_mb']} MB")
    assert full.shown()[""] > 0


def test_where_nothing_can_be_asked_nothing_is_told() -> None:
    assert free_mb([]) is None
