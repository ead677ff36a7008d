"""The listener among bad clients: each gets the answer it deserves, and /health goes on answering."""

import contextlib
import json
import resource
import socket
import threading
import time

import pytest

from harness import eventually, memory_of, open_fds


@pytest.fixture
def served(workspace):
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    yield workspace
    asked = time.monotonic()
    assert workspace.get("/health").status == 200, "/health goes on answering"
    assert time.monotonic() - asked < 1.0


def connect(workspace, timeout=10.0):
    return socket.create_connection(("127.0.0.1", workspace.http_port), timeout=timeout)


def raw(workspace, data, timeout=10.0):
    """Sends bytes and gives the status code of the answer; None when the connection was closed without one."""
    with contextlib.closing(connect(workspace, timeout)) as s:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            s.sendall(data)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while b"\r\n" not in answer and (more := s.recv(4096)):
                answer += more
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else None


def token_of(workspace, name="admin"):
    """The tokens are files for the user alone."""
    files = {p.name: p for p in (workspace.state / "tokens").iterdir()}
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in files.values())
    return files[name].read_text().strip()


def test_a_header_of_a_megabyte_is_refused(served):
    huge = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Huge: " + b"a" * 1_000_000 + b"\r\n\r\n"
    assert raw(served, huge) in (431, 400)


@pytest.mark.alone
def test_a_body_of_100_megabytes_is_refused_and_not_kept(served):
    daemon = served.daemon_pid()
    before = memory_of(daemon)
    head = (
        "POST /v1/services/web/restart HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token_of(served)}\r\nContent-Length: 100000000\r\n\r\n"
    )
    assert raw(served, head.encode() + b"x" * 100_000_000) == 413
    assert memory_of(daemon, "VmHWM") - before < 5e6


def test_an_endless_chunked_body_is_refused(served):
    head = (
        "POST /v1/services/web/restart HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token_of(served)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert raw(served, head.encode() + (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 100) == 413


def test_a_client_that_sends_byte_by_byte_is_cut_off(served):
    with contextlib.closing(connect(served, 60)) as s:
        begun = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for byte in never_ending(b"GET /health HTTP/1.1\r\nX: "):
                s.sendall(bytes([byte]))
                time.sleep(0.1)
                assert time.monotonic() - begun < 60, "it was never cut off"


def never_ending(start):
    yield from start
    while True:
        yield ord("a")


@pytest.mark.alone
def test_two_thousand_idle_connections_do_not_starve_health(served):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    daemon = served.daemon_pid()
    fds = open_fds(daemon)
    idle = []
    try:
        for _ in range(2000):
            idle.append(connect(served))
        for _ in range(20):
            asked = time.monotonic()
            assert served.get("/health").status == 200
            assert time.monotonic() - asked < 1.0
    finally:
        for s in idle:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    eventually(lambda: open_fds(daemon) <= fds + 5, 30, "their descriptors are closed")


def test_running_out_of_descriptors_does_not_end_the_listener(served):
    daemon = served.daemon_pid()
    resource.prlimit(daemon, resource.RLIMIT_NOFILE, (open_fds(daemon) + 10, 4096))
    idle = []
    for _ in range(40):
        idle.append(connect(served))
    time.sleep(0.5)
    for s in idle:
        s.close()
    eventually(lambda: served.get("/health", timeout=2).status == 200, 10, "it accepts again")


def test_a_wrong_host_is_refused(served):
    for host in ("evil.example.com", "evil.example.com:9001", "127.0.0.1.evil.example.com", "", "[::1"):
        answer = served.get("/v1/services", {"Host": host})
        assert answer.status in (400, 403, 421), (host, answer)
    for host in ("localhost", f"localhost:{served.http_port}", "127.0.0.1", "[::1]"):
        assert served.get("/health", {"Host": host}).status == 200, host


def test_a_request_without_host_is_refused(served):
    assert raw(served, b"GET /health HTTP/1.1\r\n\r\n") in (400, 403, 421)


def test_a_wrong_origin_is_refused(served):
    for origin in ("http://evil.example.com", "https://127.0.0.1.evil.example.com", "null"):
        assert served.get("/health", {"Origin": origin}).status == 403, origin
    assert served.get("/health", {"Origin": f"http://localhost:{served.http_port}"}).status == 200


def test_tokens(served):
    missing = served.get("/v1/services")
    assert missing.status == 401 and "bearer" in missing.headers.get("www-authenticate", "").lower()
    for wrong in ("Bearer wrong", "Bearer ", "Basic YTpi", "Bearer " + "x" * 5000, "bearer"):
        assert served.get("/v1/services", {"Authorization": wrong}).status in (401, 403), wrong
    admin, read = ({"Authorization": f"Bearer {token_of(served, n)}"} for n in ("admin", "read"))
    assert served.get("/v1/services", read).status == 200
    assert served.request("POST", "/v1/services/web/restart", headers=read).status == 403
    assert served.request("POST", "/v1/services/web/restart").status == 401
    assert served.request("POST", "/v1/services/web/restart", headers=admin).status in (200, 202)
    served.wait_state("web", "ready")


def test_state_never_changes_by_get(served):
    run = served.service("web")["run"]
    admin = {"Authorization": f"Bearer {token_of(served)}"}
    for path in ("/v1/services/web/restart", "/v1/services/web/stop", "/v1/reload", "/v1/shutdown"):
        answer = served.get(path, admin)
        assert answer.status == 405, path
        assert "POST" in answer.headers["allow"], path
        assert served.request_unix("GET", path).status == 405
    assert served.service("web")["run"] == run


def test_unknown_paths_and_methods(served):
    assert served.get("/nothing/here").status == 404
    assert served.get("/health/nobody").status == 404
    assert served.request_unix("GET", "/v1/services/nobody").status == 404
    for method in ("POST", "DELETE", "PUT", "BREW"):
        assert served.request(method, "/health").status == 405, method
    assert raw(served, b"TRACE /health HTTP/1.1\r\nHost: localhost\r\n\r\n") == 405


def test_dots_in_a_path_lead_nowhere(served):
    for path in ("/../etc/passwd", "/v1/services/../../etc/passwd", "/v1/services/..%2f..%2fetc%2fpasswd/logs",
                 "/v1/services/%2e%2e/logs", "/health/../v1/services", "//etc/passwd", "/v1/services/web%00/logs"):
        answer = served.request_unix("GET", path)
        assert answer.status in (400, 404), (path, answer)
        assert b"root:" not in answer.body


@pytest.mark.parametrize("body", [b"{", b"[1,2", b'{"names": 5}', b'"\xff\xfe"', b"\xff\xfe{", b'{"names": ["\xc3\x28"]}',
                                  b"[" * 50_000], ids=range(7))
def test_a_body_that_is_no_good_json_is_refused(served, body):
    answer = served.request_unix("POST", "/v1/services/restart", body, {"Content-Type": "application/json"})
    if answer.status == 404:  # one service at a time
        answer = served.request_unix("POST", "/v1/services/web/restart", body, {"Content-Type": "application/json"})
    assert answer.status in (400, 413, 422), answer
    json.loads(answer.body)  # and the refusal itself is good JSON


def test_what_is_not_http_is_refused(served):
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), b"\x00" * 1000, b"hello\r\n\r\n",
                  b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n",
                  b"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"):
        status = raw(served, noise, 20)
        assert status is None or 400 <= status < 600 and status != 500, (noise[:40], status)


def test_smuggling_two_lengths_is_refused(served):
    both = (b"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw(served, both) in (400, 401, None)


def test_a_reader_that_never_reads_does_not_hold_the_others(served):
    stuck = []
    for _ in range(20):
        s = connect(served)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        with contextlib.suppress(OSError):
            s.settimeout(1)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
        stuck.append(s)
    assert served.get("/health").status == 200
    for s in stuck:
        s.close()


def test_many_clients_at_once(served):
    codes = []

    def ask():
        for _ in range(50):
            codes.append(served.get("/health").status)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert codes == [200] * 1000


def test_keep_alive_and_pipelining(served):
    with contextlib.closing(connect(served)) as s:
        s.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
        s.settimeout(5)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 3:
            more = s.recv(65536)
            assert more, answers
            answers += more


def test_the_socket_is_for_its_user_alone(served):
    assert served.socket.stat().st_mode & 0o077 == 0
