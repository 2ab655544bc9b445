/** Where the form is sent. No deployment has anything there: `.well-known` is for what is agreed on (RFC 8615). */
export const PASSWORD_PATH = '/.well-known/svc/password';

/**
 * The page that asks for the password: without scripts, usable by keyboard and screen reader, in light and dark.
 *
 * @param next path and query to go on to.
 */
export function passwordPage(next: string, problem: string | null): string {
  const message = problem === null ? '' : `<p id="problem" role="alert">${escaped(problem)}</p>`;
  const described = problem === null ? '' : ' aria-invalid="true" aria-describedby="problem"';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Password required</title>
<style>
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { display: grid; min-height: 90vh; place-items: center; margin: 1rem; }
main { max-width: 22rem; width: 100%; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
label { display: block; margin-bottom: .25rem; }
input, button { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; margin-bottom: .75rem; }
[role=alert] { color: #b00020; }
@media (prefers-color-scheme: dark) { [role=alert] { color: #ff8a80; } }
</style>
</head>
<body>
<main>
<h1>This deployment is protected</h1>
${message}
<form method="post" action="${PASSWORD_PATH}">
<input type="hidden" name="next" value="${escaped(next)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus${described}>
<button type="submit">Continue</button>
</form>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A path of this site to go on to: browsers take `//` and `/\` for other sites. */
export function onThisSite(next: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/';
}
