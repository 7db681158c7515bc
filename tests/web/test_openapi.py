"""The description says what the API really does."""

import httpx


async def test_structs_and_problems_are_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    events = document["paths"]["/api/v1/events"]["get"]

    assert events["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/EventList")
    assert events["responses"]["default"]["content"].keys() == {"application/problem+json"}
    status = document["components"]["schemas"]["CameraStatus"]
    assert status["properties"]["fps_in"]["type"] == "number"


async def test_the_counts_of_lines_are_described(client: httpx.AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    lines = schemas["CameraDetail"]["properties"]["lines"]

    assert lines["additionalProperties"]["$ref"].endswith("/LineCount")
    assert schemas["LineCount"]["properties"].keys() == {"counts", "since"}


async def test_every_reference_leads_somewhere(client: httpx.AsyncClient) -> None:
    text = (await client.get("/openapi.json")).text
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]

    names = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert names <= schemas.keys()


async def test_without_a_token_none_is_asked_for(client: httpx.AsyncClient) -> None:
    assert "security" not in (await client.get("/openapi.json")).json()
