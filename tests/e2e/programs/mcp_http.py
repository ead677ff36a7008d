"""A real FastMCP server over HTTP, with a bearer token that lies in a file and may change at any time.

`mcp_http.py` runs it plainly; `uvicorn --reload mcp_http:app` in the way that hangs and leaves orphans.

  $MCP_PORT       where it listens
  $MCP_TOKEN_FILE the token; without it nobody is asked for one
  $MCP_DELAY_FILE how many seconds it takes before it listens
  $MCP_STATEFUL   if set, its clients have sessions; else there are none, as with fleet-mcp
"""

import os
import time
from pathlib import Path

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth import AccessToken, TokenVerifier
from mcp_tools import add_tools, note
from starlette.responses import JSONResponse


class TokenInFile(TokenVerifier):
    async def verify_token(self, token):
        if token != Path(os.environ["MCP_TOKEN_FILE"]).read_text().strip():
            return None
        return AccessToken(token=token, client_id="door", scopes=[])


mcp = FastMCP("Test server", auth=TokenInFile() if "MCP_TOKEN_FILE" in os.environ else None)
add_tools(mcp)


@mcp.custom_route("/health", methods=["GET"])
async def health(_request):
    return JSONResponse({"status": "healthy"})


app = mcp.http_app(stateless_http="MCP_STATEFUL" not in os.environ)

if __name__ == "__main__":
    time.sleep(float(Path(os.environ["MCP_DELAY_FILE"]).read_text()))
    note(f"start {os.getpid()}")
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["MCP_PORT"]), log_level="warning")
