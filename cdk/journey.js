// What a player does before signing in. Any answer that is not what it should be fails the run.
const url = process.env.PUBLIC_URL;

async function ask(path, check) {
  const started = Date.now();
  const answer = await fetch(url + path, { signal: AbortSignal.timeout(10000), headers: { "user-agent": "canary" } });
  const text = await answer.text();
  console.log(JSON.stringify({ path, status: answer.status, milliseconds: Date.now() - started }));
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  if (check && !check(JSON.parse(text))) throw new Error(`${path} answered something else than expected`);
  return text;
}

exports.handler = async () => {
  await ask("/health");
  await ask("/health/ready");
  await ask("/api/patches/total", (total) => Number.isInteger(total));
  const { patches } = JSON.parse(await ask("/api/patches/latest", (page) => Array.isArray(page.patches)));
  if (patches.length) {
    const id = patches[0].id;
    await ask(`/api/patches/${id}`, (patch) => patch.id === id);
  }
};
