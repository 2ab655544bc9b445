const command = 'make';

export default {
  // a comment with services: in it
  services: {
    web: { root: '../web', buildComand: command },
    api: { root: 'api', 'cleanUrls': 'no' },
  },
  rewrites: [
    { source: '/api/:path*', destination: { service: 'api' } },
    { source: '/(.*)', destination: { service: 'wep' } },
  ],
};
