export default defineEventHandler(() => ({ hi: 1 }));
