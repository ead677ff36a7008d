"""The demo's MCP server: real FastMCP over streamable HTTP, behind a bearer token, slow to start like many."""

import os
import time

print("notes: starting, this takes a moment", flush=True)
time.sleep(float(os.environ.get("NOTES_STARTUP_SECONDS", "3")))

from fastmcp import FastMCP  # noqa: E402
from fastmcp.server.auth.providers.jwt import StaticTokenVerifier  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402

token = os.environ["NOTES_TOKEN"]
mcp = FastMCP("notes", auth=StaticTokenVerifier(tokens={token: {"client_id": "demo", "scopes": []}}))
notes: list[str] = []


@mcp.tool
def add_note(text: str) -> str:
    """Keep a note until the server restarts."""
    notes.append(text)
    return f"note {len(notes)} kept"


@mcp.tool
def list_notes() -> list[str]:
    """All notes, oldest first."""
    return notes


@mcp.custom_route("/health", methods=["GET"])
async def health(_request):
    return JSONResponse({"status": "healthy"})


mcp.run(
    transport="http",
    host="127.0.0.1",
    port=int(os.environ["NOTES_PORT"]),
    stateless_http=True,
    show_banner=False,
    log_level="warning",
)
