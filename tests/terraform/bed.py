"""The bed that terraform/ is tested in: a scratch copy of it, the registry modules stubbed, Coder's part of the
environment played, nothing of the user's own settings seen.

`./dev` puts Terraform and its providers in place first (providers.sh beside this file) and names them in the
environment.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "terraform"
STUBS = Path(__file__).parent / "modules"
SAMPLE = Path(__file__).parent / "sample"

# What must never come along into a scratch copy: somebody's state, providers, and the constraints of his last `init`.
NOT_THE_TEMPLATE = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfvars", "*.tfvars.json")

# Whether every provider was to be had; otherwise those of Kubernetes, 1Password and random are stand-ins.
ALL_REAL = os.environ.get("WORKSPACED_REAL_PROVIDERS") == "all"

# A minute is usual for the longest command, `terraform test`; a busy machine may take many times as long.
TERRAFORM_WITHIN = 900

MODULE_BLOCK = re.compile(r'^module\s+"([^"]+)"\s*\{(.*?)^\}', re.MULTILINE | re.DOTALL)
ARGUMENT = r'^\s*{}\s*=\s*"([^"]*)"'


class Failed(Exception):
    """Terraform said no; the text is its reason."""


@dataclass
class Answer:
    """What one terraform command said."""

    code: int
    output: str

    def ok(self):
        if self.code != 0:
            raise Failed(self.output[max(self.output.find("Error:"), 0) :])
        return self


def parameter_variable(name, previous=False):
    """The environment variable in which Coder hands over a parameter's value (or the one of the build before)."""
    return f"CODER_PARAMETER_{'PREVIOUS_' if previous else ''}{hashlib.sha256(name.encode()).hexdigest()}"


def resources(report, *kinds):
    """The resources of these types in a plan or a state, those of modules included."""
    modules = [report.get("planned_values", report.get("values", {})).get("root_module", {})]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        yield from (r for r in module.get("resources", []) if r["type"] in kinds and r["mode"] == "managed")


def environment_of(report):
    """What the agent will set in the environment, by name; None for what only an apply can tell."""
    return {r["values"]["name"]: r["values"].get("value") for r in resources(report, "coder_env")}


class Template:
    """A copy of the template in `directory`, ready for `terraform`. `settings` says which providers are real (see
    setup_providers in providers.sh)."""

    def __init__(self, directory, source=TEMPLATE, settings="play"):
        self.home = Path(directory)
        self.settings = Path(os.environ["WORKSPACED_SETTINGS"]) / f"{settings}.rc"
        self.path = self.home / "template"
        shutil.copytree(source, self.path, ignore=NOT_THE_TEMPLATE)
        self.coder = json.loads((SAMPLE / "coder.json").read_text())
        self.variables = SAMPLE / "sample.tfvars"
        self.data = SAMPLE / "data.json"
        self.environment = {}

    # ------------------------------------------------------------ what the test changes

    def replace(self, old, new):
        """Puts `new` in the place of the one `old` (a text or a pattern) in the template's files."""
        pattern = old if isinstance(old, re.Pattern) else re.compile(re.escape(old))
        hits = [(file, m) for file in sorted(self.path.glob("*.tf")) for m in pattern.finditer(file.read_text())]
        assert len(hits) == 1, f"{len(hits)} times in the template: {pattern.pattern}"
        file, match = hits[0]
        text = file.read_text()
        file.write_text(text[: match.start()] + (match.expand(new) if pattern is old else new) + text[match.end() :])

    def parameter(self, name, value, previous=None):
        """What the user chose for a parameter, and what he had chosen the last time."""
        self.environment[parameter_variable(name)] = str(value)
        if previous is not None:
            self.environment[parameter_variable(name, previous=True)] = str(previous)

    # ------------------------------------------------------------ terraform

    def terraform(self, *arguments, timeout=TERRAFORM_WITHIN):
        done = subprocess.run(
            [os.environ["WORKSPACED_TERRAFORM"], *arguments],
            cwd=self.path,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
        return Answer(done.returncode, done.stdout)

    def init(self):
        self.stub_modules()
        self.terraform("init", "-no-color", "-input=false", "-get=false").ok()
        return self

    def validate(self):
        """What `terraform validate` finds, one text each that begins with `error` or `warning`."""
        report = json.loads(self.terraform("validate", "-json").output)
        return [f"{d['severity']}: {d['summary']}: {d.get('detail', '')}" for d in report["diagnostics"]]

    def test(self, *arguments):
        return self.terraform("test", "-no-color", *arguments)

    def plan(self, **variables):
        """The plan of the sample workspace as `terraform show -json` tells it; `variables` go over the sample's."""
        self.terraform("plan", "-no-color", "-input=false", "-out=plan", *self._var_arguments(variables)).ok()
        return json.loads(self.terraform("show", "-json", "plan").ok().output)

    def apply(self, transition="start", **variables):
        """Applies as Coder does for this transition; the state thereafter, as `terraform show -json` tells it."""
        self.environment["CODER_WORKSPACE_TRANSITION"] = transition
        self.terraform("apply", "-no-color", "-input=false", "-auto-approve", *self._var_arguments(variables)).ok()
        return json.loads(self.terraform("show", "-json").ok().output)

    def destroy(self, **variables):
        """What Coder does when a workspace is deleted."""
        self.environment["CODER_WORKSPACE_TRANSITION"] = "stop"
        self.terraform("destroy", "-no-color", "-input=false", "-auto-approve", *self._var_arguments(variables)).ok()

    # ------------------------------------------------------------ modules of a registry

    def stub_modules(self):
        """Tells Terraform that every module of a registry is installed: our stub of exactly that version."""
        entries = [{"Key": "", "Source": "", "Dir": "."}]
        for name, source, version in self.modules():
            if version is None:  # a directory of the template
                entries.append({"Key": name, "Source": source, "Dir": os.path.normpath(source)})
                continue
            stub = STUBS / f"{source.split('/')[-2]}-{version}"
            if not stub.is_dir():
                raise Failed(f"module {name}: no stub of {source} {version}; write {stub.relative_to(ROOT)}")
            entries.append({"Key": name, "Source": source, "Version": version, "Dir": str(stub)})
        directory = self.path / ".terraform" / "modules"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "modules.json").write_text(json.dumps({"Modules": entries}))

    def modules(self):
        """(name, source, version) of each module block; no version where the source is a directory."""
        for file in sorted(self.path.glob("*.tf")):
            for name, body in MODULE_BLOCK.findall(file.read_text()):
                source = re.search(ARGUMENT.format("source"), body, re.MULTILINE)
                version = re.search(ARGUMENT.format("version"), body, re.MULTILINE)
                if source is None:
                    raise Failed(f"{file.name}: module {name} has no source")
                yield name, source[1], version and version[1]

    # ------------------------------------------------------------ inside

    def _environment(self):
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "WORKSPACED_STANDIN_DATA": str(self.data),
            **self.coder,
            **self.environment,
        }

    def _var_arguments(self, variables):
        yield f"-var-file={self.variables}"
        for name, value in variables.items():
            yield f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
