// What the scripts say comes translated from the page: data-say-… on <body>.
export const word = (name) => document.body.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] || '';
