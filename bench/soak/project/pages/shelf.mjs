let made = 0;

/** Each page tells which one it is and when it was made (milliseconds since 1970), so that an older one is told from a newer one. */
export default function shelf(request, response) {
  const { searchParams } = new URL(request.url, 'http://localhost');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ shelf: searchParams.get('shelf'), made: ++made, at: Date.now() }));
}
