export default {
  images: { remotePatterns: [], formats: ['image/avif', 'image/webp'] },
  eslint: { ignoreDuringBuilds: true },
};
