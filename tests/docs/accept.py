"""Lines of docs/testing.md, decided in the cluster that kubectl, flux and coder point at: `./dev accept ID…`.

    accept.py P C02     the lines whose ids begin so; without any: what there is
"""

import functools
import json
import subprocess
import sys
import time

from checklist import ROWS

DOCTOR = "coder ssh dev -- workspacectl doctor"
PROGRAMS = ("kubectl ", "flux ", "coder ", "! coder ", "curl ", "timeout ")
WITHIN = 900  # a first start builds an image

# What only looks is looked at again: a pod takes its time to end, and Coder its time to see that an app is well.
LOOKS = ("kubectl get ", "coder list ")
PATIENCE = 120


def run(command, **settings):
    return subprocess.run(
        ["bash", "-c", command],
        text=True,
        timeout=WITHIN,
        input=answers(command),
        stdout=subprocess.PIPE,
        **{"stderr": subprocess.STDOUT} | settings,
    )


def answers(command):
    """Whatever is asked, Enter takes the default. What `coder ssh` reads is not for itself."""
    return "" if "coder ssh" in command else "\n" * 50


def doctor(**settings):
    """What doctor says, by the names of its checks."""
    said = run(f"{DOCTOR} --json", stderr=None, **settings).stdout
    try:
        return {check["check"]: check for check in json.loads(said)["checks"]}
    except (ValueError, KeyError):
        sys.exit(f"{DOCTOR} --json has no answer: {said}")


asked_once = functools.cache(doctor)


class Line:
    def __init__(self, id):
        row = ROWS[id]
        self.id, self.text = id, row["must hold"][0]
        self.checks = row["kind"][1:]
        self.commands = [code for code in row["do"][1:] if code.startswith(PROGRAMS) and code != DOCTOR]
        self.do, self.expect = row["do"][0], row["expect"][0]
        self.expected = [text.strip("…") for text in row["expect"][1:]]
        kinds = row["kind"][0].replace(",", "").split()
        self.is_decided = "doctor" in kinds or "scripted" in kinds

    def problem(self, change=lambda command: command, patience=PATIENCE, doctor=asked_once, **settings):
        """None when doctor is content, every command succeeds, and together they say all that is expected."""
        said = ""
        for name in self.checks:
            found = doctor()[name]
            if found["result"] != "ok":
                return f"doctor: {name}: {found['result']}: {found['seen']}\nfix: {found['fix']}"
            said += found["seen"]
        *before, last = map(change, self.commands or ["true"])
        for command in before:
            done = run(command, **settings)
            if done.returncode != 0:
                return f"{command}\nexit code {done.returncode}: {done.stdout}"
            said += done.stdout
        deadline = time.monotonic() + (patience if last.startswith(LOOKS) else 0)
        while (problem := self.problem_at_last(last, said, settings)) and time.monotonic() < deadline:
            time.sleep(2)
        return problem

    def problem_at_last(self, command, said, settings):
        done = run(command, **settings)
        if done.returncode != 0:
            return f"{command}\nexit code {done.returncode}: {done.stdout}"
        missing = [text for text in self.expected if text not in said + done.stdout]
        return f"{missing} is not in what was said: {said}{done.stdout}" if missing else None


def decide(line):
    """False when it does not hold; what only a person can say is shown to him."""
    if not line.is_decided:
        told = f"do: {line.do}\n      expect: {line.expect}" if line.do else "held by tests of the repository"
        print(f"look   {line.id}  {line.text}\n       {told}")
        return True
    problem = line.problem()
    print(f"{'FAILED' if problem else 'ok':7}{line.id}  {line.text}", flush=True)
    if problem:
        print("       " + problem.strip().replace("\n", "\n       "))
    return not problem


def main(wanted):
    ids = [id for beginning in wanted for id in ROWS if id.startswith(beginning)]
    if not ids:
        print(*(f"{id}  {row['must hold'][0]}: {row['kind'][0]}" for id, row in ROWS.items()), sep="\n")
        return 2
    return 0 if all([decide(Line(id)) for id in ids]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
