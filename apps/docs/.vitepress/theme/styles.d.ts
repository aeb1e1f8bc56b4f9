// What a bundler makes of a stylesheet that is imported: nothing to look at.

declare module "*.css";
