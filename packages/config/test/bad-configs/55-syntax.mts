export default {
  services: { web: { root: 'web' }
};
