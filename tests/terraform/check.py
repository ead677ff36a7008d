"""Judges terraform/: `check` validates it, runs its own tests and its rendered scripts through shellcheck; `plan` shows
the plan of the sample workspace. Called by template_check and template_plan of dev.sh."""

import subprocess
import sys
import tempfile

from bed import Failed, Template


def check(template):
    """What is wrong, one text each."""
    for problem in template.validate():
        if problem.startswith("error"):
            yield problem
        else:
            print(problem)
    answer = template.test()
    print(answer.output.rstrip())
    if answer.code != 0:
        yield "terraform test failed, see above"
    yield from shell_problems(template.plan())


def shell_problems(plan):
    """shellcheck over what Coder's agent will run, as the sample workspace renders it; modules aside, their stubs have no
    scripts."""
    for name, script in scripts(plan):
        shell = [] if script.startswith("#!") else ["--shell=sh"]
        done = subprocess.run(["shellcheck", *shell, "-"], input=script, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            yield f"{name}: {done.stdout}{done.stderr}"


def scripts(plan):
    for resource in plan["planned_values"]["root_module"]["resources"]:
        values = resource["values"]
        if resource["type"] == "coder_script":
            yield resource["address"], values["script"]
        if resource["type"] == "coder_agent":
            for key in ("startup_script", "shutdown_script"):
                if values.get(key):
                    yield f"{resource['address']}.{key}", values[key]
            for item in values.get("metadata", []):
                yield f"{resource['address']}: metadata {item['key']}", item["script"]


def main(command):
    with tempfile.TemporaryDirectory(prefix="workspaced-template-") as directory:
        try:
            template = Template(directory).init()
            if command == "plan":
                template.plan()
                print(template.terraform("show", "plan").ok().output)
                return 0
            problems = list(check(template))
        except Failed as problem:
            problems = [str(problem)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
