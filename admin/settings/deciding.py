"""Changes settings in the visitor's name: with a row of the audit log that names them, never a value.

May import: the standard library, pydantic, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from admin import visit as visits
from admin.box import the_box
from admin.visit import visit
from appliance.core import boot_changes, changed_settings, known_settings
from appliance.core.boot_changes import WrongValues
from appliance.core.files import private_in, replace
from appliance.core.known_settings import Known
from appliance.core.settings import told
from appliance.core.staff import StaffSettings
from appliance.store import office as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.errors import StoreError


def change_staff(wanted: Mapping[str, Any]) -> None:
    """Decide these. Raises SettingsError, of which WrongValues is one."""
    staff = visit().office.staff
    tree: dict[str, Any] = staff.model_dump(mode="json")
    for name, value in wanted.items():
        tree = known_settings.with_value(tree, name, value)
    values = {key: tree[key] for key in dict.fromkeys(name.partition(".")[0] for name in wanted)}
    try:
        StaffSettings.model_validate({"language": staff.language, **values})
    except ValidationError as exc:
        raise WrongValues(told(exc, StaffSettings), known_settings.mistakes(exc)) from exc
    _decide(Deed.SETTINGS_CHANGED, values, wanted)


def put_back_staff(name: str) -> None:
    """Have the default of what staff decided. Raises SettingsError."""
    staff = visit().office.staff
    key = name.partition(".")[0]
    defaults = known_settings.staff_defaults(staff.language)
    tree: dict[str, Any] = staff.model_dump(mode="json")
    if name != key:
        tree = known_settings.with_value(tree, name, known_settings.value_at(defaults, name))
        if tree[key] != defaults[key]:
            _decide(Deed.SETTING_PUT_BACK, {key: tree[key]}, [name])
            return
    visits.changed(Deed.SETTING_PUT_BACK, lambda db: rows.unset(db, key), target=name)


def change_file(wanted: Mapping[str, Any]) -> None:
    """Change these settings of the file, beside it. Raises SettingsError, of which WrongValues is one."""
    box, by = the_box(), visit().account.name

    def change() -> None:
        boot_changes.change(box.file, wanted, at=box.now(), by=by)

    _noted_or_undone(Deed.SETTINGS_CHANGED, change, ", ".join(wanted), _changes())


def put_back_file(name: str) -> None:
    """Have what the file says. Raises SettingsError."""
    box = the_box()

    def change() -> None:
        boot_changes.put_back(box.file, name, at=box.now())

    _noted_or_undone(Deed.SETTING_PUT_BACK, change, name, _changes())


def set_secret(known: Known, text: str) -> None:
    """Put a secret into its file. Raises SettingsError."""
    settings = boot_changes.read(the_box().file).settings

    def change() -> None:
        boot_changes.set_secret(settings, known, text)

    path = boot_changes.secret_file(settings, known)
    _noted_or_undone(Deed.SECRET_SET, change, known.name, path)


def _decide(deed: Deed, values: Mapping[str, Any], names: Iterable[str]) -> None:
    at, by = the_box().now(), visit().account.name

    def change(db: Connection) -> None:
        rows.decide(db, values, at=at, by=by)

    visits.changed(deed, change, target=", ".join(names))


def _changes() -> Path:
    """The file of changed settings."""
    return the_box().settings.box.data_dir / changed_settings.FILE


def _noted_or_undone(deed: Deed, change: Callable[[], None], names: str, path: Path | None) -> None:
    """Make a change of a file: where it cannot be noted, the file is as it was before."""
    before: bytes | None = None
    try:
        before = path.read_bytes() if path is not None and path.exists() else None
    except PermissionError:  # another user's secret: we may put one in its place, and not read it
        path = None
    # Not within its transaction: what waits for a disk there keeps the bridge from writing.
    change()
    try:
        visits.noted(deed, target=names)
    except StoreError:
        if path is not None and before is not None:
            replace(path, before, mode=private_in(path.parent))
        elif path is not None:
            path.unlink(missing_ok=True)
        raise
