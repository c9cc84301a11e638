"""Messages over channels: what arrives in which form, and what a failure may say."""

import pytest

from runtime.notify import AppriseNotifier, Message, unusable, without_url
from tests.alerts.receiver import receiving

MESSAGE = Message(subject="s" * 500, text="Plain *text*", markdown="- **Marked** text")
SECRET = "tok3nOfTheChannel"


async def test_a_channel_gets_the_form_that_it_reads_in_bounded_length() -> None:
    async with receiving() as receiver:
        urls = {"plain": receiver.url("plain"), "marked": receiver.url("marked", "?format=markdown")}
        assert await AppriseNotifier().send(urls, MESSAGE) == {}
    assert receiver.bodies("plain") == ["Plain *text*"]
    assert receiver.bodies("marked") == ["- **Marked** text"]
    assert {len(title) for title in receiver.titles()} == {250}


async def test_every_failure_has_its_reason_and_none_has_an_address() -> None:
    async with receiving() as receiver:
        receiver.broken, receiver.slow = {SECRET}, {"slow"}
        urls = {
            "refused": f"json://user:{SECRET}@127.0.0.1:{receiver.port}/{SECRET}",
            "hangs": receiver.url("slow"),
            "closed": f"json://127.0.0.1:1/{SECRET}",
            "unfit": f"nosuch://{SECRET}",
            "works": receiver.url("works"),
        }
        failed = await AppriseNotifier(seconds=1).send(urls, MESSAGE)
    assert list(failed) == ["refused", "hangs", "closed", "unfit"]
    assert "error=500" in failed["refused"]
    assert "did not finish" in failed["hangs"]
    assert SECRET not in str(failed)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("json://127.0.0.1:8000/path", ""),
        ("mailtos://user:word@mail.example.com/?to=team@example.com", ""),
        (f"slack://{SECRET}", "is no complete slack:// address."),
        (f"nosuch://{SECRET}", "begins with nosuch://, which is no known channel."),
        (f"https://{SECRET}.example", "begins with https://, which is no known channel."),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_known_before(url: str, why: str) -> None:
    assert unusable(url) == why


def test_a_reason_names_no_part_of_the_address() -> None:
    url = "json://user:p%40ssword@hooks.example/T0123/abcdef?+X-Key=value1"
    said = "POST hooks.example/T0123/abcdef as user with p@ssword, Key=value1 failed: error=404 (a@b.example)"
    assert without_url(said, url) == "POST ***/***/*** as *** with ***, Key=*** failed: error=404 (***@***)"
