"""No personal data and no secret reaches a log line (D8)."""

import pytest

from runtime.redaction import MASK, redact, scrub


def masked(**event: object) -> dict[str, object]:
    return dict(redact(None, "info", dict(event)))


@pytest.mark.parametrize(
    "key",
    "email customer_email Authorization api-key apiKey inspection_token X-Auth-Token phone_number name "
    "customerName shipping_address body raw_body password signature cookie database_url headers".split(),
)
def test_telling_keys_are_masked(key: str) -> None:
    assert masked(**{key: "Jo Doe"}) == {key: MASK}


@pytest.mark.parametrize("key", ["return_id", "connection", "temporal", "body_bytes", "logger", "sku", "names", "code"])
def test_other_keys_stay(key: str) -> None:
    assert masked(**{key: "R-1001"}) == {key: "R-1001"}


def test_nested_values_are_masked_and_numbers_stay() -> None:
    assert masked(data={"lines": [{"email": "x", "quantity": 2}], "ok": True, "none": None}) == {
        "data": {"lines": [{"email": MASK, "quantity": 2}], "ok": True, "none": None}
    }


def test_bottomless_nesting_ends() -> None:
    deep: dict[str, object] = {}
    deep["again"] = deep
    assert MASK in str(masked(data=deep))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail jo.doe+x@example.co.uk now", f"mail {MASK}@{MASK} now"),
        (
            "GET https://erp.example/orders?email=a&key=1 failed",
            f"GET https://erp.example/orders?{MASK} failed",
        ),
        ("postgresql://user:pw@db:5432/x", f"postgresql://{MASK}@db:5432/x"),
        ("Authorization: Bearer abcdef123456.zz", f"Authorization: Bearer {MASK}"),
        (
            "wrong [type=x, input_value='Jo\nDoe', input_type=str]",
            f"wrong [type=x, input_value={MASK}, input_type=str]",
        ),
        ("order 1001 of R-7 at 10:30", "order 1001 of R-7 at 10:30"),
    ],
)
def test_texts_are_scrubbed(text: str, clean: str) -> None:
    assert scrub(text) == clean


def test_unknown_objects_are_scrubbed_as_text() -> None:
    assert masked(error=ValueError("jo@example.com")) == {"error": f"{MASK}@{MASK}"}
