export default {
  preset: 'vercel',
  compatibilityDate: '2025-09-01',
  srcDir: 'server',
  publicAssets: [{ dir: '../public' }],
  routeRules: { '/isr': { isr: 2 }, '/old': { redirect: '/' } },
};
