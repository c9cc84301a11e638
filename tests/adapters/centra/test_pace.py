"""Our own pace counts what Centra counts: requests, and each mutation of a request (R34)."""

import pytest

from adapters.centra.port import CentraErp, build
from adapters.kit.outside import Outside
from domain.outcomes import RetryLater
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import Shop, shop


async def mutations(centra: Shop) -> int:
    """How many Centra has counted in this hour."""
    answer = await centra.http.post(
        f"{centra.settings.base_url}/graphql",
        json={"query": "{rateLimits{type usedQuota}}"},
        headers={"Authorization": f"Bearer {centra.settings.token.get_secret_value()}"},
    )
    [used] = [row["usedQuota"] for row in answer.json()["data"]["rateLimits"] if row["type"] == "MUTATION_COUNT"]
    return int(used)


def limit(centra: Shop, most: int) -> CentraErp:
    """Another process, which may make so many mutations an hour."""
    return build(centra.settings.model_copy(update={"mutations_per_hour": most}), Outside(centra.http))


@pytest.mark.parametrize("most", [2, 3])
async def test_R34_no_more_mutations_than_our_own_limit_reach_centra(most: int) -> None:
    """A credit of a part takes one return away and puts another in its place, in one request."""
    async with shop() as centra:
        number = (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))).number
        before = await mutations(centra)
        limited = limit(centra, most)
        with pytest.raises(RetryLater, match="mutations an hour") as full:
            await limited.post_credit(desk.credit(number))
        assert full.value.delay is not None
        assert await mutations(centra) - before <= most


async def test_R34_the_limit_is_used_to_its_end() -> None:
    async with shop() as centra:
        number = (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))).number
        before = await mutations(centra)
        await limit(centra, 4).post_credit(desk.credit(number))
        assert await mutations(centra) - before == 4
