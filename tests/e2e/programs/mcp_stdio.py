"""A real FastMCP server over stdin and stdout."""

import os

from fastmcp import FastMCP
from mcp_tools import add_tools, note

mcp = FastMCP("Test server over stdio")
add_tools(mcp)
note(f"start {os.getpid()}")
mcp.run(transport="stdio", show_banner=False)
