"""The template's secrets, read by the real 1Password provider from a stand-in for the Connect server."""

import socket

import bed
import pytest
from bed import Failed, environment_of
from connect import TOKEN, Connect, api_credential, in_section, password

SAMPLE = {
    "claude-code": api_credential("claude-token"),
    "perplexity": api_credential("perplexity-key"),
    "haos-api": password("home-assistant-password"),
}


@pytest.fixture
def secrets(judged_template):
    """The template with the real provider; the version that can be built calls the server's address by older names."""
    template = judged_template
    if not bed.ALL_REAL:
        template.replace('version = ">= 3.0.1, < 4.0.0"', 'version = "2.2.1"')
        template.replace("connect_url ", "url ")
        template.replace("connect_token ", "token ")
    template.environment["OP_CONNECT_TOKEN"] = TOKEN
    return template.init()


def plan(template, url, **variables):
    """The values by variable of the environment that the plan gives the agent."""
    template.environment["OP_CONNECT_HOST"] = url
    return environment_of(template.plan(cache_enabled=False, **variables))


def test_values_come_from_the_field_that_each_category_has(secrets):
    with Connect(SAMPLE) as server:
        environment = plan(secrets, server.url)
    assert environment["CLAUDE_CODE_OAUTH_TOKEN"] == "claude-token"
    assert environment["PERPLEXITY_API_KEY"] == "perplexity-key"
    assert environment["HA_TOKEN"] == "home-assistant-password"


def test_a_field_of_ones_own_is_found_by_its_label(secrets):
    with Connect({"note": in_section("api key", "own-value")}) as server:
        environment = plan(secrets, server.url, secrets={"OWN": {"item": "note", "field": "api key"}})
    assert environment["OWN"] == "own-value"


def test_a_required_secret_without_a_value_is_named(secrets):
    with Connect({**SAMPLE, "claude-code": api_credential("")}) as server, pytest.raises(Failed) as problem:
        plan(secrets, server.url)
    for name in ("CLAUDE_CODE_OAUTH_TOKEN", "claude-code", "sample-vault", "required = false"):
        assert name in flat(problem)


def test_an_optional_secret_without_a_value_is_left_out(secrets):
    with Connect({**SAMPLE, "perplexity": api_credential("")}) as server:
        environment = plan(secrets, server.url)
    assert "PERPLEXITY_API_KEY" not in environment
    assert environment["HA_TOKEN"] == "home-assistant-password"


def test_a_missing_item_fails_and_is_named(secrets):
    with Connect({k: v for k, v in SAMPLE.items() if k != "claude-code"}) as server, pytest.raises(Failed) as problem:
        plan(secrets, server.url)
    assert 'data.onepassword_item.secret["CLAUDE_CODE_OAUTH_TOKEN"]' in flat(problem)


def test_a_missing_vault_fails_and_is_named(secrets):
    with Connect(SAMPLE) as server, pytest.raises(Failed) as problem:
        plan(secrets, server.url, onepassword_vault="nowhere")
    assert "nowhere" in flat(problem)


def test_a_token_that_the_server_refuses(secrets):
    secrets.environment["OP_CONNECT_TOKEN"] = "another"
    with Connect(SAMPLE) as server, pytest.raises(Failed) as problem:
        plan(secrets, server.url)
    assert "401" in flat(problem) and "another" not in flat(problem)


def test_a_server_that_is_down(secrets):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        with pytest.raises(Failed) as problem:
            plan(secrets, f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert "connection refused" in flat(problem)


def test_without_secrets_nothing_is_asked(secrets):
    environment = plan(secrets, "http://127.0.0.1:1", secrets={}, onepassword_vault="")
    assert "PERPLEXITY_API_KEY" not in environment


def flat(problem):
    """The text without the line breaks that Terraform makes for a narrow terminal."""
    return " ".join(str(problem.value).split())
