/** English words that say nothing about a subject, as `words` cuts them: `don't` is `don` and `t`. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can cannot could d did
  do does doing don down during each else ever few for from further get give go got had has have having he help her here hers hi hello him
  his how i if in into is it its itself just know let like ll m make may me might more most must my need no nor not now of off ok okay on
  once only or other our out over own p please put re s same say see shall she should show so some something such t take tell than thank
  thanks that the their them then there these they thing things this those through to too under until up us use ve very want was way we
  well were what when where which while who whom why will with would yes you your yours`.split(/\s+/),
);
