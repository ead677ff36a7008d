"""The real Claude Code with a model that follows a script: what it is offered, what it calls, what it is told."""

import http.server
import json
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness import CLAUDE, ROOT

NEWEST, OLD = "2.1.330", "2.1.197"
ID = "toolu_step_"
PROGRAM = {NEWEST: Path(CLAUDE), OLD: ROOT / f"build/npm-{OLD}/claude"}


def nothing():
    pass


@dataclass
class Call:
    """A turn in which the model calls `tool` of the MCP server `server`, or one of Claude Code's own ("").

    `before` runs before the model answers with the call, `during` in a thread of its own from then on.
    """

    server: str
    tool: str
    arguments: dict = field(default_factory=dict)
    before: object = nothing
    during: object = None

    @property
    def full_name(self):
        return f"mcp__{self.server}__{self.tool}" if self.server else self.tool


@dataclass
class Outcome:
    """What the model was told of a call."""

    text: str
    is_error: bool
    seconds: float  # from the model's turn to its next one


class MessagesApi(http.server.ThreadingHTTPServer):
    """The Messages API on loopback: answers turn n with step n of the script, and then with a last word."""

    daemon_threads = True

    def __init__(self, steps):
        super().__init__(("127.0.0.1", 0), Turn)
        self.steps = steps
        self.offered = None  # the names of the tools in the first request
        self.outcomes = {}  # by the number of the step
        self.answered = {}  # when, by the number of the step
        self.failures = []  # of the script's own callables
        self.threads = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def play(self, step, name):
        """Runs one of the script's callables; a failure is the test's."""
        try:
            step()
        except BaseException as e:
            e.add_note(f"in the script's {name}")
            self.failures.append(e)

    def note_outcomes(self, messages):
        for block in blocks_of(messages, "user", "tool_result"):
            number = int(block["tool_use_id"].removeprefix(ID))
            if number not in self.outcomes:
                spent = time.monotonic() - self.answered[number]
                self.outcomes[number] = Outcome(text_of(block), bool(block.get("is_error")), spent)


def blocks_of(messages, role, kind):
    """The blocks of this kind in what this side said."""
    said = [m["content"] for m in messages if m["role"] == role]
    blocks = [block for content in said if isinstance(content, list) for block in content]
    return [block for block in blocks if block["type"] == kind]


def text_of(block):
    content = block.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


class Turn(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if not self.path.startswith("/v1/messages") or "count_tokens" in self.path:
            return self.answer_json({"input_tokens": 1})
        # A title for the conversation and the like: whatever has no tools is no turn of it.
        if not request.get("tools"):
            return self.answer_turn([{"type": "text", "text": "A test"}])
        self.take_turn(request)

    def take_turn(self, request):
        api, messages = self.server, request["messages"]
        # By the conversation, not by our counting: a request that the client sends twice is one turn.
        number = len(blocks_of(messages, "assistant", "tool_use"))
        if api.offered is None:
            api.offered = [tool["name"] for tool in request["tools"]]
        api.note_outcomes(messages)
        if number >= len(api.steps):
            return self.answer_turn([{"type": "text", "text": "That was all."}])
        step = api.steps[number]
        api.play(step.before, f"before of step {number}")
        api.answered[number] = time.monotonic()
        if step.during:
            thread = threading.Thread(target=api.play, args=(step.during, f"during of step {number}"))
            api.threads.append(thread)
            thread.start()
        use = {"type": "tool_use", "id": f"{ID}{number}", "name": step.full_name, "input": step.arguments}
        self.answer_turn([use])

    def answer_json(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_turn(self, blocks):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events_of(blocks):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        self.close_connection = True


def events_of(blocks):
    """A message of the model as the API streams it."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {
        "id": f"msg_{uuid.uuid4().hex}",  # the client takes messages of one id for one
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    yield {"type": "message_start", "message": message}
    for index, block in enumerate(blocks):
        if block["type"] == "text":
            empty, delta = block | {"text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            empty = block | {"input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    reason = "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn"
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}


@dataclass
class Session:
    """How a run of Claude Code went."""

    offered: list
    outcomes: list
    seconds: float
    output: str


@contextmanager
def scripted_model(steps):
    api = MessagesApi(steps)
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.shutdown()
        thread.join()
        api.server_close()


def run_claude(workspace, steps, version=NEWEST, within=60.0):
    """`claude -p` in the workspace until its model has said all that `steps` tell it to."""
    with scripted_model(steps) as api:
        env = workspace.env | {
            "ANTHROPIC_BASE_URL": api.url,
            "ANTHROPIC_API_KEY": "not-a-key",
            "ENABLE_TOOL_SEARCH": "false",
            "DISABLE_AUTOUPDATER": "1",
        }
        allowed = ",".join(sorted({step.full_name for step in steps}))
        command = [PROGRAM[version], "-p", "go", "--model", "claude-sonnet-4-5", "--allowedTools", allowed]
        begun = time.monotonic()
        process = workspace.start(*command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output = process.communicate(timeout=within)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            output = process.communicate()[0].decode(errors="replace")
            raise AssertionError(f"claude {version} not done within {within} s: {api.outcomes}\n{output}") from None
        spent = time.monotonic() - begun
        for thread in api.threads:
            thread.join()
        if api.failures:
            raise api.failures[0]
        assert len(api.outcomes) == len(steps), f"claude {version} made {len(api.outcomes)} calls: {output}"
        return Session(api.offered or [], [api.outcomes[n] for n in range(len(steps))], spent, output)
