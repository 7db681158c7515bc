"""Help for editors."""

import httpx


async def test_a_good_configuration(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/config/validate", content="cameras: {}\n")

    assert response.json() == {"valid": True, "problems": []}


async def test_every_problem_of_a_bad_one(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/config/validate", content="camera: {}\n")

    assert response.json() == {
        "valid": False,
        "problems": [
            {
                "file": "request",
                "line": 1,
                "key": "camera",
                "got": "an unknown key",
                "wanted": "cameras",
                "message": "request:1: camera: got an unknown key, wanted cameras",
            }
        ],
    }


async def test_a_body_that_is_no_text(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/config/validate", content=b"\xff\xfe")

    assert (response.status_code, response.json()["detail"]) == (400, "the body is not UTF-8: invalid start byte")


async def test_a_body_without_end(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/config/validate", content=b"#" * (1 << 20) + b"#")

    assert response.status_code == 413
