"""What stands in the audit log, in words.

May import: the standard library, admin.tongue, appliance.store.audit.
"""

from collections.abc import Mapping

from admin.people.roles import NAMES
from admin.tongue import Tongue, later
from appliance.store.accounts import Role
from appliance.store.audit import CONSOLE, Actor, Deed, Row

DEEDS: Mapping[Deed, str] = {
    Deed.SIGNED_IN: later("Signed in"),
    Deed.SIGN_IN_FAILED: later("Could not sign in: wrong name or password"),
    Deed.SIGN_IN_REFUSED: later("Was not let try again: too many attempts had failed"),
    Deed.CODE_FAILED: later("Could not sign in: wrong code"),
    Deed.RECOVERY_CODE_USED: later("Used a recovery code; left: {left}"),
    Deed.SIGNED_OUT: later("Signed out"),
    Deed.SIGNED_OUT_EVERYWHERE: later("Signed out everywhere else"),
    Deed.ALL_SIGNED_OUT: later("Signed everybody out"),
    Deed.LINK_MADE: later("Made a link to choose a password: {target}"),
    Deed.LINK_FAILED: later("Opened a link that is not one, or is too old"),
    Deed.OWNER_LINK_MADE: later("Made a link to become the owner"),
    Deed.OWNER_MADE: later("Became the owner: {target}"),
    Deed.PASSWORD_SET: later("Chose a new password"),
    Deed.PASSWORD_CHECK_FAILED: later("Gave a wrong password when asked for it again"),
    Deed.TWO_STEP_ON: later("Switched the second step on"),
    Deed.TWO_STEP_OFF: later("Switched the second step off: {target}"),
    Deed.CODES_MADE: later("Made new recovery codes"),
    Deed.LANGUAGE_CHOSEN: later("Chose the language of the pages"),
    Deed.ACCOUNT_ADDED: later("Let somebody in: {target}, as {role}"),
    Deed.ROLE_CHANGED: later("Changed a role: {target}, {before} to {after}"),
    Deed.ACCOUNT_ENDED: later("Ended an account: {target}"),
    Deed.ACCOUNT_RESUMED: later("Opened an account again: {target}"),
    Deed.RECORDING_HEARD: later("Heard the recording of message {target}"),
    Deed.CALL_TAKEN_OVER: later("Asked to take over the call {target}"),
    Deed.CALL_PUT_THROUGH: later("Asked to have the call {target} put through"),
    Deed.CALL_HUNG_UP: later("Asked to have the call {target} ended"),
    Deed.LINE_CHOSEN: later("Chose which telephone rings when a call is taken over"),
    Deed.RECORDING_FETCHED: later("Had the recording of message {target} fetched"),
    Deed.MESSAGE_DONE: later("Was done with message {target}"),
    Deed.MESSAGE_OPENED: later("Took back that message {target} was done"),
    Deed.MESSAGE_CORRECTED: later("Corrected message {target}"),
    Deed.MESSAGE_AS_BEFORE: later("Took the correction of message {target} back"),
    Deed.MESSAGE_WRITTEN_AGAIN: later("Had message {target} written down again"),
    Deed.CALLBACK_TAKEN: later("Took callback {target}"),
    Deed.CALLBACK_GIVEN_BACK: later("Left callback {target} to others again"),
    Deed.CALLBACK_NOTED: later("Wrote a note to callback {target}"),
    Deed.CALLBACK_TRIED: later("Called in vain: callback {target}"),
    Deed.CALLBACK_NOT_TRIED: later("Took back that callback {target} was called in vain"),
    Deed.CALLBACK_PUT_OFF: later("Put callback {target} off"),
    Deed.CALLBACK_DONE: later("Was done with callback {target}"),
    Deed.CALLBACK_UNDONE: later("Took back that callback {target} was done"),
    Deed.TODAY_CLOSED: later("Closed the clinic for the day"),
    Deed.TODAY_UNTIL: later("Had the clinic open until {target} on that day"),
    Deed.TODAY_PLANNED: later("Had that day as planned again"),
    Deed.WEEK_SET: later("Changed the hours of the week"),
    Deed.DAY_SET: later("Changed the hours of {target}"),
    Deed.DAY_DROPPED: later("Had {target} as usual again"),
    Deed.HOLIDAYS_SET: later("Chose the holidays: {target}"),
    Deed.DEPARTMENT_ADDED: later("Added the department {target}"),
    Deed.DEPARTMENT_CHANGED: later("Changed the department {target}"),
    Deed.DEPARTMENT_MOVED: later("Changed the order of departments: {target}"),
    Deed.DEPARTMENT_REMOVED: later("Removed the department {target}"),
    Deed.ROTA_CHANGED: later("Changed who is on call"),
    Deed.PROVIDER_ADDED: later("Added the provider {target}"),
    Deed.PROVIDER_CHANGED: later("Changed the provider {target}"),
    Deed.PROVIDER_REMOVED: later("Removed the provider {target}"),
    Deed.VISIT_ADDED: later("Added the visit {target}"),
    Deed.VISIT_CHANGED: later("Changed the visit {target}"),
    Deed.VISIT_REMOVED: later("Removed the visit {target}"),
    Deed.OFFER_MOVED: later("Changed the order of what can be booked: {target}"),
    Deed.CALENDARS_ASKED: later("Had all calendars asked whether they answer"),
    Deed.LANGUAGE_ON: later("Switched a language of callers on: {target}"),
    Deed.LANGUAGE_OFF: later("Switched a language of callers off: {target}"),
    Deed.MENU_CHANGED: later("Changed what callers hear first"),
    Deed.WORDS_CHANGED: later("Changed what callers of a language hear first: {target}"),
    Deed.DOCUMENT_GIVEN: later("Gave a document: {target}"),
    Deed.DOCUMENT_REVIEWED: later("Said that a document is right: {target}"),
    Deed.DOCUMENT_REMOVED: later("Removed a document: {target}"),
    Deed.ANSWER_WRITTEN: later("Wrote the answer to a question {target}"),
    Deed.ANSWER_DISLIKED: later("Called an answer bad: {target}"),
    Deed.ANSWER_NOT_BAD: later("Took back that an answer is bad: {target}"),
    Deed.QUESTION_DISMISSED: later("Dismissed the question {target}"),
    Deed.QUESTION_OPENED: later("Opened the question {target} again"),
    Deed.JOB_RETRIED: later("Had a job begun again: {target}, {kind}"),
    Deed.JOBS_RETRIED: later("Had all jobs begun again that were given up: {count}"),
    Deed.JOB_DROPPED: later("Gave a job up for good: {target}, {kind}"),
    Deed.SETTINGS_CHANGED: later("Changed settings: {target}"),
    Deed.SETTING_PUT_BACK: later("Took the change of a setting back: {target}"),
    Deed.SECRET_SET: later("Set a secret: {target}"),
    Deed.PHONE_ADDED: later("Added the desk phone {target}"),
    Deed.PHONE_SHOWN: later("Looked at the password of the desk phone {target}"),
    Deed.PHONE_CHANGED: later("Changed who gets at the desk phone {target}"),
    Deed.PHONE_REMOVED: later("Removed the desk phone {target}"),
    Deed.BOX_EXAMINED: later("Had it looked whether the box is well"),
    Deed.BUNDLE_TAKEN: later("Took a support bundle"),
    Deed.BACKUP_ASKED: later("Had the box backed up"),
    Deed.VERIFICATION_ASKED: later("Had the last backup restored for a test"),
    Deed.BOX_RESTORED: later("Brought the box back from the backup {target}"),
    Deed.BOX_UPDATED: later("Had the box run version {target}"),
    Deed.REHEARSED: later("Rehearsed with the assistant {target}"),
    Deed.REHEARSAL_KEPT: later("Kept a rehearsal: {target}"),
    Deed.REHEARSAL_EXPECTED: later("Said that a rehearsal comes out right: {target}"),
    Deed.REHEARSAL_FORGOTTEN: later("Forgot a rehearsal: {target}"),
    Deed.REHEARSALS_PLAYED: later("Had all rehearsals played"),
    Deed.DRAFT_KEPT: later("Kept a draft: {target}"),
    Deed.DRAFT_CHANGED: later("Changed a draft: {target}"),
    Deed.DRAFT_DECIDED: later("Decided what a draft says: {target}"),
    Deed.DRAFT_DECIDED_ANYWAY: later("Decided what a draft says in spite of its rehearsals: {target}"),
    Deed.DRAFT_FORGOTTEN: later("Forgot a draft: {target}"),
    Deed.NOT_ALLOWED: later("Was not let do: {target}"),
}
FAILURES = frozenset(
    {
        Deed.SIGN_IN_FAILED, Deed.SIGN_IN_REFUSED, Deed.CODE_FAILED, Deed.LINK_FAILED,
        Deed.PASSWORD_CHECK_FAILED, Deed.NOT_ALLOWED,
    }
)  # fmt: skip
KINDS: Mapping[str, tuple[str, frozenset[Deed]]] = {
    "failures": (later("What failed or was refused"), FAILURES),
    "recordings": (later("Recordings heard"), frozenset({Deed.RECORDING_HEARD, Deed.RECORDING_FETCHED})),
    "messages": (
        later("Messages"),
        frozenset(
            {
                Deed.MESSAGE_DONE, Deed.MESSAGE_OPENED, Deed.MESSAGE_CORRECTED, Deed.MESSAGE_AS_BEFORE,
                Deed.MESSAGE_WRITTEN_AGAIN,
            }
        ),
    ),
    "people": (
        later("Accounts and passwords"),
        frozenset(
            {
                Deed.OWNER_LINK_MADE, Deed.OWNER_MADE, Deed.LINK_MADE, Deed.PASSWORD_SET, Deed.TWO_STEP_ON,
                Deed.TWO_STEP_OFF,
                Deed.CODES_MADE, Deed.ACCOUNT_ADDED, Deed.ROLE_CHANGED, Deed.ACCOUNT_ENDED,
                Deed.ACCOUNT_RESUMED,
            }
        ),
    ),
    "calls": (
        later("Calls acted on"),
        frozenset({Deed.CALL_TAKEN_OVER, Deed.CALL_PUT_THROUGH, Deed.CALL_HUNG_UP}),
    ),
    "callbacks": (
        later("The callback list"),
        frozenset(
            {
                Deed.CALLBACK_TAKEN, Deed.CALLBACK_GIVEN_BACK, Deed.CALLBACK_NOTED, Deed.CALLBACK_TRIED,
                Deed.CALLBACK_NOT_TRIED, Deed.CALLBACK_PUT_OFF, Deed.CALLBACK_DONE, Deed.CALLBACK_UNDONE,
            }
        ),
    ),
    "office": (
        later("Hours, departments, who is on call, what can be booked"),
        frozenset(
            {
                Deed.TODAY_CLOSED, Deed.TODAY_UNTIL, Deed.TODAY_PLANNED, Deed.WEEK_SET, Deed.DAY_SET,
                Deed.DAY_DROPPED, Deed.HOLIDAYS_SET, Deed.DEPARTMENT_ADDED, Deed.DEPARTMENT_CHANGED,
                Deed.DEPARTMENT_REMOVED, Deed.DEPARTMENT_MOVED, Deed.ROTA_CHANGED, Deed.PROVIDER_ADDED,
                Deed.PROVIDER_CHANGED, Deed.PROVIDER_REMOVED, Deed.VISIT_ADDED, Deed.VISIT_CHANGED,
                Deed.VISIT_REMOVED, Deed.OFFER_MOVED,
            }
        ),
    ),
    "told": (
        later("What callers are told"),
        frozenset(
            {
                Deed.MENU_CHANGED, Deed.WORDS_CHANGED, Deed.DOCUMENT_GIVEN, Deed.DOCUMENT_REVIEWED,
                Deed.DOCUMENT_REMOVED, Deed.ANSWER_WRITTEN, Deed.ANSWER_DISLIKED, Deed.ANSWER_NOT_BAD,
                Deed.QUESTION_DISMISSED, Deed.QUESTION_OPENED,
                Deed.LANGUAGE_ON, Deed.LANGUAGE_OFF,
            }
        ),
    ),
    "box": (
        later("The box"),
        frozenset(
            {
                Deed.SETTINGS_CHANGED, Deed.SETTING_PUT_BACK, Deed.SECRET_SET, Deed.BOX_EXAMINED,
                Deed.BUNDLE_TAKEN, Deed.BACKUP_ASKED, Deed.VERIFICATION_ASKED, Deed.CALENDARS_ASKED,
                Deed.BOX_RESTORED, Deed.BOX_UPDATED,
                Deed.PHONE_ADDED, Deed.PHONE_SHOWN, Deed.PHONE_CHANGED, Deed.PHONE_REMOVED,
            }
        ),
    ),
    "rehearsals": (
        later("Rehearsals and drafts"),
        frozenset(
            {
                Deed.REHEARSED, Deed.REHEARSAL_KEPT, Deed.REHEARSAL_EXPECTED, Deed.REHEARSAL_FORGOTTEN,
                Deed.REHEARSALS_PLAYED, Deed.DRAFT_KEPT, Deed.DRAFT_CHANGED, Deed.DRAFT_DECIDED,
                Deed.DRAFT_DECIDED_ANYWAY, Deed.DRAFT_FORGOTTEN,
            }
        ),
    ),
    "jobs": (later("Jobs"), frozenset({Deed.JOB_RETRIED, Deed.JOBS_RETRIED, Deed.JOB_DROPPED})),
    "sessions": (
        later("Signing in and out"),
        frozenset(
            {
                Deed.SIGNED_IN, Deed.SIGNED_OUT, Deed.SIGNED_OUT_EVERYWHERE, Deed.ALL_SIGNED_OUT,
                Deed.RECOVERY_CODE_USED,
            }
        ),
    ),
}  # fmt: skip


def deed(row: Row, tongue: Tongue) -> str:
    """What was done, as a sentence; a deed of a later version as it is."""
    if row.deed not in list(Deed):
        return f"{row.deed} {row.target}"
    roles = {key: role(value, tongue) for key, value in row.detail.items()}
    return tongue(DEEDS[Deed(row.deed)], **{"target": row.target, **roles})


def who(actor: Actor, tongue: Tongue) -> str:
    """Who did it."""
    if actor.source == CONSOLE:
        return tongue("At the box itself")
    return actor.who or tongue("Nobody known")


def role(value: str, tongue: Tongue) -> str:
    """A role in words; anything else as it is."""
    return tongue(NAMES[Role(value)]) if value in list(Role) else value


def failed(row: Row) -> bool:
    """Whether it is something that somebody should look at."""
    return row.deed in FAILURES
