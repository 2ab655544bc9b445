export default () => ({ hello: 'nitro' });
