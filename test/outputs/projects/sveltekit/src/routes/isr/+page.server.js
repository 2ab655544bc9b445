export const config = { isr: { expiration: 2 } };
export const load = () => ({ at: Date.now() });
