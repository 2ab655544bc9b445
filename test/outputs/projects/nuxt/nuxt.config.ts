export default defineNuxtConfig({
  compatibilityDate: '2025-09-01',
  telemetry: false,
  nitro: { preset: 'vercel' },
  srcDir: '.',
  routeRules: { '/isr': { isr: 2 }, '/static': { prerender: true } },
});
