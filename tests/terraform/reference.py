"""The tables of terraform/README.md that say what every parameter and variable is: made from the template itself.

    reference.py            compares README.md with them
    reference.py --write    puts them into README.md

Run by ./dev, which names Terraform and its providers in the environment.
"""

import json
import re
import sys
import tempfile

import bed

README = bed.TEMPLATE / "README.md"
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def parameters(plan):
    """What users choose, in the order of the form."""
    found = plan["prior_state"]["values"]["root_module"]["resources"]
    values = sorted((r["values"] for r in found if r["type"] == "coder_parameter"), key=lambda v: v["order"])
    rows = [(f"`{v['name']}`", v["display_name"], f"`{v['default']}`" if v["default"] else "empty", v["description"]) for v in values]
    return table(("parameter", "shown as", "default", "meaning"), rows)


def variables(plan):
    """What whoever pushes the template sets, in the order of variables.tf."""
    known = plan["configuration"]["root_module"]["variables"]
    rows = []
    for name, body in VARIABLE.findall((bed.TEMPLATE / "variables.tf").read_text()):
        required = "default" not in known[name] and not re.search(r"^  default ", body, re.MULTILINE)
        default = "required" if required else f"`{json.dumps(known[name].get('default'))}`"
        rows.append((f"`{name}`", f"`{type_of(body)}`", default, known[name]["description"]))
    return table(("variable", "type", "default", "meaning"), rows)


def type_of(body):
    """The type of a variable in one line."""
    text = re.search(r"^  type\s*= (.*?)\n(?=  \w)", body, re.MULTILINE | re.DOTALL)[1]
    lines = [re.sub(r"\s+", " ", line.strip()) for line in text.splitlines()]
    return re.sub(r"\{, ", "{ ", ", ".join(lines)).replace(", })", " })")


def wanted(plan):
    """README.md with the tables as they must be, each between its two markers."""
    text = README.read_text()
    for name, made in (("parameters", parameters(plan)), ("variables", variables(plan))):
        begin, end = f"<!-- {name}: made by tests/terraform/reference.py -->\n", f"<!-- end of {name} -->\n"
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        text = before + begin + made + end + after
    return text


def plan_of_the_sample(directory):
    # Without values of its own the sample would show what it sets as the default of a parameter.
    return bed.Template(directory).init().plan(cache_enabled=False, repo_url="https://git.example.com/team/setup.git")


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="workspaced-reference-") as directory:
        text = wanted(plan_of_the_sample(directory))
    if arguments == ["--write"]:
        README.write_text(text)
        return 0
    if README.read_text() == text:
        return 0
    print("terraform/README.md is not what the template is: tests/terraform/reference.py --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
