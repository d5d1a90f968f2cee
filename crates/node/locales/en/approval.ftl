# What needs two people
refusal-APV01 = A second person has not allowed exactly this within the last day.
    .advice = Give the request’s number to one of the officers that may allow it, and ask for the same again once it is allowed.
refusal-APV02 = Nobody allows what they asked for themselves.
    .advice = Ask another officer that may allow it.
refusal-APV03 = Only a releaser or a return officer allows this, who may read the matter too; a change of keys, a co-chair or an administrator.
    .advice = Give the request’s number to one of the offices that were named with it.
refusal-APV04 = The request is older than a day.
    .advice = Let the officer ask again; the new request has a number of its own.
refusal-APV05 = There is no such request.
    .advice = Check the number with the officer who asked.
refusal-APV06 = A reason is missing, or is longer than 2,000 characters.
    .advice = Say in a sentence what it is needed for. The auditor reads it.
refusal-APV07 = The request is allowed already.
    .advice = Nothing more is needed. The officer who asked may go on within a day.
refusal-APV08 = Nothing sealed is kept here with this record.
    .advice = It sealed nothing, other fields, or what it sealed has been destroyed; its history says which.
