export default 'services';
