export function renderPage() {
  return '';
}
