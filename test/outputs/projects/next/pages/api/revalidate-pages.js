export default async function handler(req, res) {
  try {
    await res.revalidate(String(req.query.path));
    res.json({ ok: true });
  } catch (error) {
    res.status(500).json({ error: String(error), cause: String(error.cause) });
  }
}
