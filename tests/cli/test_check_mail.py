"""`attendant check --online` with a mail server: whether it is there, and accepts the account."""

from pathlib import Path

from tests.cli.conftest import Typed
from tests.peers.smtp import Fault, MailServer


def test_a_mail_server_that_does_not_accept_the_account_is_named(typed: Typed, config: Path) -> None:
    with MailServer(account=("box", "quiet")).running() as server:
        data = config.parent / "data"
        (data / "secrets").mkdir(parents=True)
        config.write_text(
            f'[box]\ndata_dir = "{data}"\n[cloud]\nenabled = false\n[mail]\nhost = "127.0.0.1"\n'
            f'port = {server.port}\nsecurity = "none"\nuser = "box"\nsender = "box@clinic.example"\n'
        )
        without = typed("check", "--online")
        assert (without.exit_code, "mail_password cannot be read" in without.output) == (1, True)
        password = data / "secrets" / "mail_password"
        password.write_text("quiet")
        password.chmod(0o600)
        good = typed("check", "--online")
        assert (good.exit_code, "mail: accepts the account." in good.output) == (0, True)
        server.faults.add(Fault.WRONG_ACCOUNT)
        wrong = typed("check", "--online")
        assert (wrong.exit_code, "does not accept the account (535)" in wrong.output) == (1, True)
        assert "quiet" not in wrong.output
        assert server.taken == []
