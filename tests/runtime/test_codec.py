"""Payloads are encrypted with the newest key and read with any known one."""

import pytest
from temporalio.api.common.v1 import Payload

from runtime.codec import ENCODING, EncryptionCodec, UndecodablePayloadError
from runtime.keys import PayloadKey

OLD = PayloadKey("2025-11", bytes(range(32)))
NEW = PayloadKey("2026-02", bytes(range(1, 33)))
PLAIN = Payload(metadata={"encoding": b"json/plain", "note": b"x"}, data=b'{"total": 1200}')


async def test_what_is_encoded_is_unreadable_and_comes_back_whole() -> None:
    codec = EncryptionCodec([NEW])
    [sealed] = await codec.encode([PLAIN])
    assert sealed.metadata["encoding"] == ENCODING
    assert sealed.metadata["encryption-key-id"] == b"2026-02"
    assert b"1200" not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [PLAIN]


async def test_every_payload_has_its_own_nonce() -> None:
    codec = EncryptionCodec([NEW])
    first, second = await codec.encode([PLAIN, PLAIN])
    assert first.data[:12] != second.data[:12]
    assert first.data != second.data


async def test_old_payloads_stay_readable_after_a_new_key() -> None:
    [sealed] = await EncryptionCodec([OLD]).encode([PLAIN])
    rotated = EncryptionCodec([NEW, OLD])
    assert await rotated.decode([sealed]) == [PLAIN]
    [again] = await rotated.encode([PLAIN])
    assert again.metadata["encryption-key-id"] == b"2026-02"


async def test_plain_payloads_pass() -> None:
    assert await EncryptionCodec([NEW]).decode([PLAIN]) == [PLAIN]


async def test_an_unknown_key_is_named() -> None:
    [sealed] = await EncryptionCodec([OLD]).encode([PLAIN])
    with pytest.raises(UndecodablePayloadError, match="2025-11"):
        await EncryptionCodec([NEW]).decode([sealed])


@pytest.mark.parametrize("spoil", [lambda d: d[:-1] + bytes([d[-1] ^ 1]), lambda d: d[:5], lambda _: b""])
async def test_changed_data_is_refused(spoil: object) -> None:
    [sealed] = await EncryptionCodec([NEW]).encode([PLAIN])
    assert callable(spoil)
    damaged = Payload(metadata=sealed.metadata, data=spoil(sealed.data))
    with pytest.raises(UndecodablePayloadError):
        await EncryptionCodec([NEW]).decode([damaged])


async def test_a_payload_relabelled_with_another_key_is_refused() -> None:
    same = PayloadKey("other", NEW.secret)
    [sealed] = await EncryptionCodec([NEW]).encode([PLAIN])
    relabelled = Payload(metadata={**sealed.metadata, "encryption-key-id": b"other"}, data=sealed.data)
    with pytest.raises(UndecodablePayloadError):
        await EncryptionCodec([same]).decode([relabelled])


def test_no_key_is_no_codec() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        EncryptionCodec([])
