"""The tools of our test servers, on the real FastMCP. What they do is written to the file $MCP_JOURNAL."""

import asyncio
import os

from fastmcp import Context, FastMCP


def note(line):
    with open(os.environ["MCP_JOURNAL"], "a", encoding="utf-8") as journal:
        journal.write(line + "\n")


async def work(what, text, seconds):
    note(f"begin {what} {text}")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        note(f"cancelled {what} {text}")
        raise
    note(f"end {what} {text}")
    return f"{what} {text}"


def add_tools(mcp: FastMCP):
    @mcp.tool
    def echo(text: str) -> str:
        """Says what it was told, and who says it."""
        return f"{text} from {os.getpid()}"

    @mcp.tool
    async def write(text: str, seconds: float = 0) -> str:
        """Slow, and with a side effect: never to be done twice."""
        return await work("write", text, seconds)

    @mcp.tool(annotations={"readOnlyHint": True})
    async def read(text: str, seconds: float = 0) -> str:
        """As slow, but harmless."""
        return await work("read", text, seconds)

    @mcp.tool
    async def count(to: int, context: Context) -> str:
        """Tells of its progress on the way."""
        for n in range(1, to + 1):
            await context.report_progress(n, to, f"at {n}")
            await asyncio.sleep(0.05)
        return f"counted to {to}"

    @mcp.tool
    async def learn(name: str, context: Context) -> str:
        """From now on there is one more tool."""

        def learned() -> str:
            return f"{name} from {os.getpid()}"

        mcp.tool(learned, name=name)
        await context.send_tool_list_changed()
        return f"learned {name}"
