"""Models over HTTP."""

import httpx


async def test_what_runs_each_model(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/models")).json() == {
        "models": [{"name": "general", "runs": "yolov8n openvino CPU int8 640x384"}, {"name": "colour", "runs": ""}]
    }


async def test_it_is_described(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    answer = document["paths"]["/api/v1/models"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ModelList")
    assert document["components"]["schemas"]["ModelStatus"]["properties"].keys() == {"name", "runs"}
