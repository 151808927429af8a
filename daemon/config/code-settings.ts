import { NUMBER_TYPES } from '../domain/number-types.ts'
import {
  baseUrl,
  choice,
  choices,
  countries,
  country,
  endpointUrl,
  fail,
  flag,
  headerKey,
  integer,
  prices,
  smsHosts,
  webhookSecret,
} from './parse.ts'
import { setting } from './setting.ts'

/** One-time codes: who sends them, to whom, and what that may cost. */
export const CODE_SETTINGS = {
  AUTHCTL_OTP_TTL: setting({
    parse: integer(1, 600),
    fallback: '300',
    unit: 's',
    meaning: 'Life of a one-time code.',
  }),
  AUTHCTL_OTP_DIGITS: setting({
    parse: integer(6, 10),
    fallback: '6',
    meaning: 'Digits of a one-time code.',
  }),
  AUTHCTL_DEFAULT_REGION: setting({
    parse: country,
    fallback: 'IN',
    meaning: 'Region in which phone numbers without a country code are read.',
  }),
  FAST2SMS_API_KEY: setting({ parse: headerKey, secret: true, meaning: 'Turns the Fast2SMS sender on.' }),
  AUTHCTL_FAST2SMS_URL: setting({
    parse: baseUrl,
    fallback: 'https://www.fast2sms.com',
    meaning: 'Base URL of Fast2SMS.',
  }),
  AUTHCTL_FAST2SMS_ROUTE: setting({
    parse: choice('otp', 'dlt'),
    fallback: 'otp',
    meaning:
      'Fast2SMS route: `otp` (fixed text) or `dlt` (your DLT template; needs the sender and message ids).',
  }),
  AUTHCTL_FAST2SMS_SENDER_ID: setting({
    parse: (value) => (/^[A-Za-z]{3,6}$/.test(value) ? value : fail('must be 3 to 6 letters')),
    meaning: 'DLT sender id; needed by the `dlt` route.',
  }),
  AUTHCTL_FAST2SMS_MESSAGE_ID: setting({
    parse: (value) =>
      /^\d{1,20}$/.test(value) ? value : fail('must be the numeric id from the DLT manager'),
    meaning: 'DLT message id; needed by the `dlt` route.',
  }),
  AUTHCTL_SMS_WEBHOOK_URL: setting({
    parse: endpointUrl,
    meaning: 'Turns the webhook sender on: codes are POSTed here, signed.',
  }),
  AUTHCTL_SMS_WEBHOOK_SECRET: setting({
    parse: webhookSecret,
    secret: true,
    meaning:
      'Key of the webhook signature (Standard Webhooks); what follows `whsec_` is read as base64. Required with the webhook.',
  }),
  AUTHCTL_SMS_WEBHOOK_ALLOW_PRIVATE: setting({
    parse: flag,
    fallback: 'false',
    meaning: 'Allow a webhook on a loopback, private or link-local address.',
  }),
  AUTHCTL_SMS_ORIGIN: setting({
    parse: smsHosts,
    meaning:
      'Origin of the page that codes are typed into, such as `https://app.example.com`, or several by application, such as `shop=https://shop.example.com,*=https://app.example.com`. Messages then end in `@host #code`, by which browsers hand the code to that page (WebOTP).',
  }),
  AUTHCTL_SMS_COUNTRIES: setting({
    parse: countries,
    meaning:
      'Countries whose numbers get codes: ISO 3166-1 codes, comma-separated, or `*` for every one. Unset: that of `AUTHCTL_DEFAULT_REGION` alone.',
  }),
  AUTHCTL_SMS_NUMBER_TYPES: setting({
    parse: choices(...NUMBER_TYPES),
    fallback: 'mobile,fixed-line-or-mobile',
    meaning:
      'Kinds of number that get codes: `mobile`, `fixed-line-or-mobile` (where the two cannot be told apart), `fixed-line`, `voip`. Premium rate, shared cost, personal, satellite, pager and unknown numbers never do.',
  }),
  AUTHCTL_SMS_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '1000',
    unit: 'messages',
    meaning: 'Codes that all daemons together send in an hour, at most.',
  }),
  AUTHCTL_SMS_DAILY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '10000',
    unit: 'messages',
    meaning: 'Codes that all daemons together send in a day, at most.',
  }),
  AUTHCTL_SMS_COUNTRY_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '500',
    unit: 'messages',
    meaning: 'Codes to one country in an hour, at most.',
  }),
  AUTHCTL_SMS_COUNTRY_DAILY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '5000',
    unit: 'messages',
    meaning: 'Codes to one country in a day, at most.',
  }),
  AUTHCTL_SMS_PREFIX_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '20',
    unit: 'messages',
    meaning: 'Codes in an hour, at most, to numbers that differ in their last four digits only.',
  }),
  AUTHCTL_SMS_PRICES: setting({
    parse: prices,
    fallback: 'IN=25,*=1000',
    unit: "the currency's smallest unit",
    meaning:
      'What one message costs, by country, as country=price; `*` is every other country. Whole numbers, such as paise or cents.',
  }),
  AUTHCTL_SMS_SPEND_HOURLY: setting({
    parse: integer(1, 1_000_000_000_000),
    fallback: '50000',
    unit: "the currency's smallest unit",
    meaning: 'What all messages of an hour may cost together.',
  }),
  AUTHCTL_SMS_SPEND_DAILY: setting({
    parse: integer(1, 1_000_000_000_000),
    fallback: '500000',
    unit: "the currency's smallest unit",
    meaning: 'What all messages of a day may cost together.',
  }),
  AUTHCTL_SMS_CONVERSION_SENDS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '50',
    unit: 'messages',
    meaning:
      'From so many codes in an hour on, to a country or to numbers that differ in their last four digits only, it counts how many of them were used.',
  }),
  AUTHCTL_SMS_CONVERSION_PERCENT: setting({
    parse: integer(0, 100),
    fallback: '20',
    unit: '%',
    meaning:
      'If fewer of these codes than that were used, no more are sent there for up to an hour; 0 turns it off.',
  }),
  AUTHCTL_OTP_NUMBERS_PER_ADDRESS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '10',
    unit: 'numbers',
    meaning: 'Different numbers that one address (of IPv6 a /64) may ask codes for in an hour.',
  }),
  AUTHCTL_OTP_VERIFIES_PER_ADDRESS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '30',
    unit: 'codes',
    meaning: 'Codes that one address (of IPv6 a /64) may try in ten minutes, over all numbers.',
  }),
  AUTHCTL_RATE_LIMITS: setting({
    parse: choice('on', 'off'),
    fallback: 'on',
    meaning:
      'Rate limits on sign-in and OTP, and SMS budgets. `off` is for load tests and refused in production.',
  }),
} as const
