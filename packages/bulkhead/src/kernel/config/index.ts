/** Configuration: one typed schema, parsed once. */
export { type ConfigFault, configFaults, parseConfig } from './parse-config.ts';
export { databaseSection, databaseUrlSchema, roleNameSchema } from './section.ts';
