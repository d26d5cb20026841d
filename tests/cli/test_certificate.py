"""The certificate of the pages, at the command line."""

from pathlib import Path

import pytest
import trustme

from tests.cli.conftest import Typed


@pytest.fixture
def folder(config: Path) -> Path:
    """Where that of a box with a front lies."""
    path = config.parent / "certificate"
    front = f'[front]\nname = "attendant.lan"\ncertificate_dir = "{path}"\n'
    config.write_text(config.read_text() + front)
    return path


def test_it_is_made_shown_and_printed_to_be_trusted(typed: Typed, folder: Path) -> None:
    assert (nothing := typed("certificate", "show")).exit_code == 1
    assert "There is none yet" in nothing.stdout
    made = typed("certificate", "renew")
    assert made.exit_code == 0
    assert made.stdout.startswith("Made: for attendant.lan, ")
    assert "nothing is to be done" in typed("certificate", "renew").stdout
    shown = typed("certificate", "show").stdout
    assert "Renewed:     by the box itself" in shown
    assert "So that browsers trust it" in shown
    printed = typed("certificate", "authority")
    assert printed.stdout == (folder / "authority.pem").read_text()
    fingerprint = printed.stderr.split()[-1]
    assert len(fingerprint) == 32 * 3 - 1
    assert fingerprint in shown


def test_one_of_the_clinics_own_takes_its_place_and_is_left_alone(
    typed: Typed, folder: Path, tmp_path: Path
) -> None:
    typed("certificate", "renew")
    leaf = trustme.CA().issue_cert("other.lan")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    leaf.cert_chain_pems[0].write_to_path(chain)
    leaf.private_key_pem.write_to_path(key)
    taken = typed("certificate", "use", "--chain", str(chain), "--key", str(key))
    assert taken.exit_code == 0
    assert "It is not for attendant.lan" in taken.stderr
    assert "one of your own" in typed("certificate", "renew").stdout
    shown = typed("certificate", "show").stdout
    assert "Signed by:   others" in shown
    assert "So that browsers trust it" not in shown
    refused = typed("certificate", "use", "--chain", str(chain), "--key", str(chain))
    assert (refused.exit_code, refused.stderr[:27]) == (1, "The key is no private key i")
    assert typed("certificate", "make").stdout.startswith("Made: for attendant.lan")
