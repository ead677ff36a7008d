"use strict";

// Without a token the page shows what /health says, with one what /v1/services says. Everything that comes from
// outside goes into the page as text.
(() => {
  const interval = 2000;
  const shown = { good: ["ready", "completed"], busy: ["waiting", "starting", "stopping", "backoff"], bad: ["degraded", "failed"] };
  const $ = (id) => document.getElementById(id);
  const tokenPlace = "workspaced-token";
  let token = sessionStorage.getItem(tokenPlace) || "";
  let selected = "";
  let timer = 0;
  let round = 0;

  function made(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tone(state) {
    return Object.keys(shown).find((name) => shown[name].includes(state)) || "rest";
  }

  function inWords(seconds) {
    if (seconds === null || seconds === undefined) return "";
    const whole = Math.floor(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
    return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
  }

  function ask(path, method = "GET") {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    return fetch(path, { method, headers, cache: "no-store", credentials: "same-origin" });
  }

  // ---- the table

  function newRow(name) {
    const row = made("tr");
    row.dataset.name = name;
    const head = made("th");
    head.scope = "row";
    row.append(head, made("td", "state"), made("td", "reason"), made("td", "number unlocked"), made("td", "number unlocked"));
    return row;
  }

  function drawName(cell, service) {
    const button = cell.querySelector("button");
    if (Boolean(button) === Boolean(token) && cell.firstChild) {
      if (button) button.setAttribute("aria-expanded", String(selected === service.name));
      return;
    }
    cell.textContent = "";
    if (token) {
      const open = made("button", "name", service.name);
      open.type = "button";
      open.setAttribute("aria-expanded", String(selected === service.name));
      open.addEventListener("click", () => select(service.name));
      cell.append(open);
    } else {
      cell.append(made("span", "", service.name));
    }
    if (!service.required) cell.append(made("span", "tag", "optional"));
  }

  function drawRow(row, service) {
    const [head, state, reason, up, restarts] = row.children;
    drawName(head, service);
    const className = `state ${tone(service.state)}`;
    if (state.className !== className || state.textContent !== service.state) {
      state.className = className;
      state.textContent = "";
      const dot = made("span", "dot");
      dot.setAttribute("aria-hidden", "true");
      state.append(dot, service.state);
    }
    put(reason, service.reason);
    put(up, inWords(service.up_seconds));
    put(restarts, service.restarts_total ? `${service.restarts_total}×` : "");
  }

  function draw(services, healthy) {
    const body = $("services");
    const rows = new Map([...body.querySelectorAll("tr[data-name]")].map((row) => [row.dataset.name, row]));
    let last = null;
    for (const service of services) {
      const row = rows.get(service.name) || newRow(service.name);
      rows.delete(service.name);
      drawRow(row, service);
      let before = last ? last.nextSibling : body.firstChild;
      if (before && before.className === "detail" && before !== row) before = before.nextSibling;
      if (before !== row) body.insertBefore(row, before);
      last = row;
    }
    for (const row of rows.values()) {
      if (row.dataset.name === selected) select("");
      row.remove();
    }
    put($("verdict"), healthy ? "every required service is ready" : "not every required service is ready");
    $("verdict").className = healthy ? "good" : "bad";
    document.title = `${healthy ? "" : "! "}Services – workspaced`;
    document.body.classList.toggle("open", Boolean(token));
    document.body.classList.remove("stale");
  }

  // ---- one service

  function select(name) {
    const old = document.querySelector("tr.detail");
    if (old) old.remove();
    selected = selected === name ? "" : name;
    for (const button of document.querySelectorAll("button.name")) {
      button.setAttribute("aria-expanded", String(button.textContent === selected));
    }
    if (!selected) return;
    const row = [...document.querySelectorAll("tr[data-name]")].find((each) => each.dataset.name === selected);
    const detail = made("tr", "detail");
    const cell = made("td");
    cell.colSpan = 5;
    const bar = made("div", "row");
    for (const verb of ["start", "stop", "restart"]) {
      const button = made("button", "", verb);
      button.type = "button";
      button.addEventListener("click", () => order(name, verb));
      bar.append(button);
    }
    const log = made("pre");
    log.tabIndex = 0;
    log.setAttribute("aria-label", `last lines of the log of ${name}`);
    cell.append(bar, log);
    detail.append(cell);
    row.after(detail);
    showLog();
  }

  async function showLog() {
    const log = document.querySelector("tr.detail pre");
    if (!log) return;
    const answer = await ask(`v1/services/${encodeURIComponent(selected)}/logs?tail=200`);
    if (!answer.ok) return;
    const text = await answer.text();
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    put(log, text || "nothing yet");
    if (atEnd) log.scrollTop = log.scrollHeight;
  }

  async function order(name, verb) {
    say(`${verb} ${name} …`);
    const answer = await ask(`v1/services/${encodeURIComponent(name)}/${verb}`, "POST");
    if (answer.status === 403) {
      for (const button of document.querySelectorAll("tr.detail button")) button.disabled = true;
      return say("This token may only read; to start and stop, use the one in tokens/admin.");
    }
    if (!answer.ok) return say(await problemOf(answer));
    say("");
    refresh();
  }

  async function problemOf(answer) {
    try {
      return (await answer.json()).detail || `the daemon answered ${answer.status}`;
    } catch {
      return `the daemon answered ${answer.status}`;
    }
  }

  // ---- asking

  function say(text) {
    put($("said"), text);
  }

  function lock() {
    token = "";
    sessionStorage.removeItem(tokenPlace);
    if (selected) select(selected);
    $("token").value = "";
    $("unlock").hidden = false;
    $("locked").hidden = true;
  }

  async function look() {
    if (!token) {
      const answer = await ask("health");
      const health = await answer.json();
      const services = Object.entries(health.services).map(([name, service]) => ({ name, ...service }));
      return draw(services, health.status === "ok");
    }
    const answer = await ask("v1/services");
    if (answer.status === 401 || answer.status === 403) {
      lock();
      say("The daemon does not know this token.");
      return look();
    }
    const fleet = await answer.json();
    $("unlock").hidden = true;
    $("locked").hidden = false;
    draw(fleet.services, fleet.healthy);
    return showLog();
  }

  async function refresh() {
    clearTimeout(timer);
    const mine = ++round;
    try {
      await look();
    } catch {
      put($("verdict"), "the daemon does not answer");
      $("verdict").className = "bad";
      document.body.classList.add("stale");
    }
    if (mine === round && !document.hidden) timer = setTimeout(refresh, interval);
  }

  $("unlock").addEventListener("submit", (event) => {
    event.preventDefault();
    token = $("token").value.trim();
    if (!token) return;
    sessionStorage.setItem(tokenPlace, token);
    say("");
    refresh();
  });
  $("lock").addEventListener("click", () => {
    lock();
    refresh();
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) refresh();
  });
  $("unlock").hidden = Boolean(token);
  $("locked").hidden = !token;
  refresh();
})();
