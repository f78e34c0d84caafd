import * as z from 'zod';
import { ACTIONS, CLASSIFICATIONS, SEVERITIES } from './classification.ts';

export const classificationSchema = z.enum(CLASSIFICATIONS);
export const severitySchema = z.enum(SEVERITIES);
export const actionSchema = z.enum(ACTIONS);
