"""Interactive shells as their users drive them: keys go in, the screen comes out."""

import contextlib
import os
import pty
import re
import select
import signal
import termios
import time

# What each shell reads at its start instead of its user's files, and the last thing it is told before a test types.
SHELLS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "bind 'set enable-bracketed-paste off'; source <(workspacectl completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit && compinit -u -D; source <(workspacectl completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "workspacectl completion fish | source"),
}
CONTROL = re.compile(rb"\x1b(\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[()].|[=>78cM])|\r")


class Shell:
    """A shell on a terminal of its own, which has read the completion."""

    def __init__(self, name, workspace):
        argv, setup = SHELLS[name]
        env = workspace.env | {"TERM": "xterm", "PS1": "$ "}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(workspace.directory)
            os.execvpe(argv[0], argv, env)
        termios.tcsetwinsize(self.terminal, (50, 200))
        self.seen = b""
        self.type(setup + "; echo set''up\r")
        self.expect("setup\n")

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def screen(self):
        """All that was written so far, without colours and cursor moves."""
        return CONTROL.sub(b"", self.seen).decode(errors="replace")

    def expect(self, text, within=20.0):
        deadline = time.monotonic() + within
        while text not in self.screen():
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} does not come:\n{self.screen()}"
            if select.select([self.terminal], [], [], left)[0]:
                self.seen += os.read(self.terminal, 65536)

    def forget(self):
        self.seen = b""

    def close(self):
        """As a user leaves it: it must take its own children along."""
        self.type("\x15exit\r")
        deadline = time.monotonic() + 10
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            if select.select([self.terminal], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):  # its side of the terminal is closed
                    os.read(self.terminal, 65536)
        os.close(self.terminal)
