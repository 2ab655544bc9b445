/** The name of a package as indexes compare them (PEP 503): `Flask_SQLAlchemy` is `flask-sqlalchemy`. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** The package that a requirement such as `uvicorn[standard]>=0.30; python_version > "3.9"` is about. */
export function requirementName(requirement: string): string | undefined {
  const name = /^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)/.exec(requirement)?.[1];
  return name === undefined ? undefined : normalisedName(name);
}
