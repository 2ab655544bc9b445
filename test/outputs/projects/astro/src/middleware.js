export const onRequest = async (context, next) => {
  const response = await next();
  response.headers.set('x-from-middleware', 'yes');
  return response;
};
