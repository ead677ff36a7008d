"""A real Coder server with its database, and the coder program of somebody who is its owner."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from world import program, until_open

# What users type, and what pods are told (docs/install.md).
URL = "http://coder.example.com"
NOBODY = pwd.getpwnam("nobody")
OWNER = {"email": "ada@example.com", "username": "ada", "full-name": "Ada Lovelace", "password": "a-Long-enough-Secret-1"}


@contextmanager
def database(directory):
    """PostgreSQL, which refuses to be root; gives the address. Nothing in it must outlive the tests, so nothing is synced."""
    directory.mkdir()
    shutil.chown(directory, NOBODY.pw_uid, NOBODY.pw_gid)
    programs = Path(os.environ["WORKSPACED_POSTGRES"])
    user = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": [], "cwd": "/"}
    make = [programs / "initdb", "--pgdata", directory / "data", "--username=coder", "--auth=trust", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, **user)
    options = ["-c", "fsync=off", "-c", f"unix_socket_directories={directory}", "-c", "listen_addresses=127.0.0.1"]
    with program([programs / "postgres", "-D", directory / "data", *options], directory.parent / "postgres.log", **user) as it:
        until_open("127.0.0.1", 5432, it)
        yield "postgres://coder@127.0.0.1:5432/postgres?sslmode=disable"


@contextmanager
def server(directory, terraform):
    """The server; `terraform` is what its provisioner finds in the environment. What pods download from it is itself."""
    program_file = Path(os.environ["WORKSPACED_CODER"])
    binaries = directory / "cache/site/bin"
    binaries.mkdir(parents=True)
    os.link(program_file, binaries / "coder-linux-amd64")
    with database(directory / "postgres") as address:
        environment = {
            "PATH": f"{Path(os.environ['WORKSPACED_TERRAFORM']).parent}:{os.environ['PATH']}",
            "HOME": str(directory),
            "CODER_PG_CONNECTION_URL": address,
            "CODER_ACCESS_URL": URL,
            "CODER_HTTP_ADDRESS": "127.0.0.1:80",
            "CODER_CACHE_DIRECTORY": str(directory / "cache"),
            "CODER_CONFIG_DIR": str(directory / "config"),
            "CODER_TELEMETRY_ENABLE": "false",
            "CODER_UPDATE_CHECK": "false",
            "CODER_DERP_SERVER_STUN_ADDRESSES": "disable",
            "CODER_PROVISIONER_DAEMON_POLL_INTERVAL": "200ms",
            **terraform,
        }
        with program([program_file, "server"], directory / "server.log", env=environment) as process:
            until_open("127.0.0.1", 80, process, within=120)
            yield


class Owner:
    """At the machine of whoever set the server up: the coder program, logged in."""

    def __init__(self, home, directory, **environment):
        home.mkdir()
        self.directory = directory
        self.environment = {"HOME": str(home), "TERM": "dumb", **environment}
        first = [f"--first-user-{name}={value}" for name, value in OWNER.items()]
        self.says("coder", "login", *first, "--first-user-trial=false", URL)

    def run(self, *command, typed="", timeout=600, **more):
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.directory,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            **more,
        )

    def says(self, *command, **more):
        done = self.run(*command, **more)
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
        return done.stdout
