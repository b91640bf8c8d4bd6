// Runs a list of cases in order, one line for each, and `N passed, N failed` at the end.

export function want(condition, what) {
  if (!condition) throw new Error(what);
}

export function want_same(got, wanted, what) {
  const [is, should_be] = [JSON.stringify(got), JSON.stringify(wanted)];
  want(is === should_be, `${what}: ${is}, not ${should_be}`);
}

// Each case is [name, function]. `failed(n)` is called after the n-th that fails.
export async function play(cases, failed_one = async () => {}) {
  let passed = 0;
  let failed = 0;
  for (const [name, step] of cases) {
    const began = Date.now();
    try {
      await step();
      passed += 1;
      console.log(`ok    ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
      await failed_one(failed);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
