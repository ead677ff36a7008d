"""Judges terraform/: `check` validates it, runs its own tests and its rendered scripts through shellcheck; `plan` shows
the plan of the sample workspace. Called by template_check and template_plan of dev.sh."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bed import Failed, Template, resources


# The lines of `terraform test` that name a run or the result; around them stand the warnings that `validate` gave.
RUN = re.compile(r"^(?:  run .*|Success.*)$", re.MULTILINE)


def check(directory):
    """What is wrong, one text each."""
    template = Template(directory / "judge", settings="judge").init()
    for problem in dict.fromkeys(template.validate()):
        if problem.startswith("error"):
            yield problem
        else:
            print(problem)
    answer = template.test()
    if answer.code != 0:
        yield answer.output
    else:
        print(*RUN.findall(answer.output), sep="\n")
    yield from shell_problems(Template(directory / "play").init().plan())


def shell_problems(plan):
    """shellcheck over what Coder's agent will run, as the sample workspace renders it."""
    for name, script in scripts(plan):
        shell = [] if script.startswith("#!") else ["--shell=sh"]
        done = subprocess.run(["shellcheck", *shell, "-"], input=script, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            yield f"{name}: {done.stdout}{done.stderr}"


def scripts(plan):
    for resource in resources(plan, "coder_script", "coder_agent"):
        values, address = resource["values"], resource["address"]
        texts = {key: values[key] for key in ("script", "startup_script", "shutdown_script") if values.get(key)}
        texts |= {f"metadata {item['key']}": item["script"] for item in values.get("metadata", [])}
        yield from ((f"{address}: {key}", text) for key, text in texts.items())


def main(command):
    with tempfile.TemporaryDirectory(prefix="workspaced-template-") as directory:
        try:
            if command == "plan":
                template = Template(directory).init()
                template.plan()
                colour = [] if sys.stdout.isatty() else ["-no-color"]
                print(template.terraform("show", *colour, "plan").ok().output)
                return 0
            problems = list(check(Path(directory)))
        except Failed as problem:
            problems = [str(problem)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
