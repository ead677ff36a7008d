"""A stand-in for fleet-mcp: the real FastMCP, its /health without a token and its /mcp with one.

Writes when it first said that it is healthy, by CLOCK_MONOTONIC, to the file $FIRST_HEALTHY.
"""

import os
import re
import time
from pathlib import Path

from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import StaticTokenVerifier
from starlette.responses import JSONResponse

token = os.environ["FLEET_MCP_AUTH_TOKEN"]
if not re.fullmatch("[A-Za-z0-9_-]{43}", token):
    raise ValueError("FLEET_MCP_AUTH_TOKEN is not of 43 letters, as the real one says")
mcp = FastMCP("Fleet MCP", auth=StaticTokenVerifier(tokens={token: {"client_id": "agent", "scopes": []}}))
first = Path(os.environ["FIRST_HEALTHY"])


@mcp.tool
def list_tasks() -> list[str]:
    """The fleet's tasks."""
    return ["water the plants"]


@mcp.custom_route("/health", methods=["GET"])
async def health(_request):
    if not first.exists():
        first.write_text(str(time.monotonic()))
    return JSONResponse({"status": "healthy", "service": "fleet-mcp"})


print("fleet-mcp starts", flush=True)
mcp.run(
    transport="http",
    host="127.0.0.1",
    port=int(os.environ["FLEET_MCP_PORT"]),
    stateless_http=True,
    show_banner=False,
    log_level="warning",
)
