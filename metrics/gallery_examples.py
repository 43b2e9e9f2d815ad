"""The texts of the gallery; lists are parted by semicolons, a focus is "team: metric"."""

from __future__ import annotations

EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "slug": "collaboration",
        "model": "Collaboration software",
        "name": "Teams working together each week",
        "quoted": "Slack is often quoted with the messages that a team has sent, and with active teams.",
        "customer": "a team",
        "gains": "does its daily work together in our product instead of beside it",
        "counted": "team",
        "action": "three or more members wrote or edited something that others saw",
        "window": "ISO week",
        "definition": "Teams in which three or more people worked on something shared in an ISO week.",
        "drivers": "New teams; Members invited in the first week; Days a member is active; Teams that fall "
        "silent",
        "guardrails": "Notifications switched off; Share of members who leave a team",
        "focuses": "Onboarding: teams whose third member joins within seven days; Sales: free teams that "
        "become paying; Platform: median time until a message is shown",
        "caution": "A single loud person is not a team: count teams, and ask for several people in each.",
    },
    {
        "slug": "b2b-saas",
        "model": "Business software with a free trial",
        "name": "Accounts that do their core job weekly",
        "quoted": "HubSpot is often quoted with teams that use it every week, and with the share of free "
        "trials that become paying as the number of a single team.",
        "customer": "an account",
        "gains": "gets the job that it bought us for done every week",
        "counted": "paying account",
        "action": "completed the core job at least three times",
        "window": "ISO week",
        "definition": "Paying accounts that completed the core job three or more times in an ISO week.",
        "drivers": "New paying accounts; Trials that become paying; Share of enabled users who are active; "
        "Accounts that lapse",
        "guardrails": "Support contacts per account; Share of jobs that are corrected by hand",
        "focuses": "Sales: free trials that become paying; Onboarding: trials that complete the core job in "
        "week one; Customer success: accounts that are silent for 14 days",
        "caution": "Signing in is not the job. Name the action after which a customer would miss you.",
    },
    {
        "slug": "marketplace",
        "model": "Marketplace",
        "name": "Bookings completed",
        "quoted": "Airbnb is often quoted with the nights that guests booked.",
        "customer": "a guest and a host",
        "gains": "both get what they agreed on",
        "counted": "completed booking",
        "action": "the stay or service took place and was not refunded",
        "window": "ISO week",
        "definition": "Bookings that took place in an ISO week and were not refunded.",
        "drivers": "Active suppliers; Searches with a good match; Share of searches that become bookings; "
        "Guests who book again",
        "guardrails": "Refunds and disputes; Share of bookings rated two stars or less",
        "focuses": "Supply: new suppliers with a first booking in 30 days; Search: searches that show five "
        "fitting offers; Trust: bookings cancelled by the supplier",
        "caution": "Count what was delivered, not what was promised: cancellations are the cheapest way to "
        "cheat.",
    },
    {
        "slug": "e-commerce",
        "model": "Online shop",
        "name": "Customers who bought again",
        "quoted": "Amazon is often quoted with purchases a month of its members.",
        "customer": "a household",
        "gains": "finds what it needs with us, keeps it, and comes back",
        "counted": "customer",
        "action": "placed a second or later order within 90 days and did not return it",
        "window": "ISO week",
        "definition": "Customers who placed a second or later order in an ISO week and kept it.",
        "drivers": "First orders; Share of first buyers who return; Orders a customer; Delivery on the "
        "promised day",
        "guardrails": "Return rate; Share of orders with a discount",
        "focuses": "Assortment: searches without a result; Logistics: orders delivered on the promised day; "
        "Marketing: first orders without a discount",
        "caution": "Revenue is bought easily with discounts. Repeat purchases at full price are not.",
    },
    {
        "slug": "streaming",
        "model": "Music, film and audio by subscription",
        "name": "Subscribers with a good evening a week",
        "quoted": "Spotify and Netflix are often quoted with time spent listening or watching.",
        "customer": "a subscriber",
        "gains": "finds something worth the evening without searching for it",
        "counted": "subscriber",
        "action": "finished something, or listened for an hour, on two or more days",
        "window": "ISO week",
        "definition": "Subscribers who finished something on two or more days of an ISO week.",
        "drivers": "New subscribers; Minutes until something is chosen; Share of titles finished; "
        "Subscribers who cancel",
        "guardrails": "Titles stopped within five minutes; Hours watched after midnight",
        "focuses": "Discovery: visits that lead to a title within three minutes; Catalogue: subscribers with "
        "an unfinished favourite; Billing: payments that fail",
        "caution": "Hours alone reward autoplay. Ask for something that a person chose and finished.",
    },
    {
        "slug": "news",
        "model": "News and publishing",
        "name": "Readers with a habit",
        "quoted": "Medium is often quoted with total reading time, the Financial Times with how recently and "
        "how often a subscriber reads.",
        "customer": "a reader",
        "gains": "understands something that matters to them, several days a week",
        "counted": "subscriber",
        "action": "read to the end on three or more days",
        "window": "ISO week",
        "definition": "Subscribers who read at least one article to the end on three or more days of an ISO "
        "week.",
        "drivers": "New subscribers; Newsletters opened; Articles read to the end; Subscribers who fall "
        "silent",
        "guardrails": "Corrections a hundred articles; Complaints about headlines",
        "focuses": "Newsroom: articles read to the end; Newsletter: readers who come by letter on three "
        "days; Subscriptions: silent subscribers who return",
        "caution": "Clicks reward headlines. Read to the end is harder to fake.",
    },
    {
        "slug": "payments",
        "model": "Payments and finance",
        "name": "Businesses paid through us weekly",
        "quoted": "Payment companies such as Stripe and PayPal are often quoted with volume or accounts that "
        "transact.",
        "customer": "a business",
        "gains": "gets its money, on time and without asking for it",
        "counted": "business",
        "action": "received five or more payments that were not charged back",
        "window": "ISO week",
        "definition": "Businesses that received five or more good payments in an ISO week.",
        "drivers": "Businesses that go live; Share of payments that succeed; Payments a business; Businesses "
        "that stop",
        "guardrails": "Charge-backs; Complaints to the regulator; Hours until money arrives",
        "focuses": "Onboarding: days from sign-up to the first payment; Risk: good payments that are "
        "refused; Product: businesses with a second payment method",
        "caution": "Volume follows a few large customers. Count businesses, and keep volume as an outcome.",
    },
    {
        "slug": "consumer-app",
        "model": "Social or consumer app",
        "name": "People who meet a friend here daily",
        "quoted": "Facebook is often quoted with daily active users, and with seven friends in ten days as "
        "the number of a single team.",
        "customer": "a person",
        "gains": "hears from people they care about",
        "counted": "person",
        "action": "gave or got an answer from somebody they know",
        "window": "day, averaged over the ISO week",
        "definition": "People who gave or got an answer from somebody they know, on an average day of the "
        "week.",
        "drivers": "New people; Friends found in the first days; Share of posts with an answer; People who "
        "leave",
        "guardrails": "Reports of abuse; People who mute the app",
        "focuses": "Growth: newcomers with five friends within ten days; Feed: posts that get an answer; "
        "Safety: reports answered within a day",
        "caution": "Opening the app because of a badge is not value. Ask for an exchange between two people.",
    },
    {
        "slug": "game",
        "model": "Mobile game",
        "name": "Players who return for a second day",
        "quoted": "Game studios are often quoted with daily players and with retention on day one, seven and "
        "30.",
        "customer": "a player",
        "gains": "has fun that is worth coming back for",
        "counted": "player",
        "action": "finished a round on two or more days",
        "window": "ISO week",
        "definition": "Players who finished a round on two or more days of an ISO week.",
        "drivers": "New players; First rounds finished; Rounds a day; Players who stop",
        "guardrails": "Refunds; Share of rounds ended by a crash; Hours of play by minors",
        "focuses": "First hour: newcomers who finish the third round; Live: players in a weekly event; "
        "Technology: rounds without a crash",
        "caution": "Money from a few heavy payers hides that players leave. Keep it as an outcome.",
    },
    {
        "slug": "learning",
        "model": "Learning",
        "name": "Learners with a week of practice",
        "quoted": "Duolingo is often quoted with daily active learners and the share of current ones who "
        "return.",
        "customer": "a learner",
        "gains": "can do something that they could not do before",
        "counted": "learner",
        "action": "finished lessons on four or more days and passed a review",
        "window": "ISO week",
        "definition": "Learners who finished lessons on four days of an ISO week and passed a review.",
        "drivers": "New learners; Learners with a second lesson; Days of practice; Reviews passed",
        "guardrails": "Lessons skipped by guessing; Share of reviews failed a month later",
        "focuses": "Start: newcomers with a lesson on day two; Content: lessons given up half-way; "
        "Reminders: learners who come back after a week",
        "caution": "A streak can be kept with the easiest lesson. Tie it to something that was learnt.",
    },
    {
        "slug": "field-service",
        "model": "Devices and field service",
        "name": "Sites that ran without a fault",
        "quoted": "Makers of connected devices are often quoted with active devices or hours of operation.",
        "customer": "an operator",
        "gains": "can rely on the plant and never has to call us",
        "counted": "site under contract",
        "action": "ran the whole week without an unplanned stop",
        "window": "ISO week",
        "definition": "Sites under contract that ran a whole ISO week without an unplanned stop.",
        "drivers": "Sites under contract; Faults seen before they stop a site; Repairs right at the first "
        "visit; Days until a part arrives",
        "guardrails": "Overtime a technician; Cost of a visit; Faults that are reported late",
        "focuses": "Service: repairs that hold for 30 days; Planning: visits with every part in the van; "
        "Product: faults announced by the device itself",
        "caution": "A fault that nobody reports looks like reliability. Measure it by the device, not by "
        "calls.",
    },
    {
        "slug": "developer-tool",
        "model": "Open source or developer tool",
        "name": "Projects that shipped with it",
        "quoted": "Developer companies such as Twilio or GitHub are often quoted with active developers or "
        "projects.",
        "customer": "a developer",
        "gains": "ships something that works, sooner than without us",
        "counted": "project",
        "action": "ran in production on four or more days",
        "window": "ISO week",
        "definition": "Projects that ran it in production on four or more days of an ISO week.",
        "drivers": "First successful runs; Minutes to a first success; Projects with a second contributor; "
        "Projects that fall silent",
        "guardrails": "Open defects older than 90 days; Share of upgrades that are rolled back",
        "focuses": "Documentation: newcomers with a success within 15 minutes; Core: upgrades without a "
        "change by hand; Community: issues answered within two days",
        "caution": "Stars and downloads are noise from robots. Count what runs, and say how you know it.",
    },
    {
        "slug": "non-profit",
        "model": "Non-profit and public service",
        "name": "People helped for good",
        "quoted": "Food banks and clinics are often quoted with meals or patients; outcomes are harder and "
        "better.",
        "customer": "a person who came to us",
        "gains": "has one worry less, and does not have to come back with it",
        "counted": "case",
        "action": "closed, and not opened again within 90 days",
        "window": "ISO week",
        "definition": "Cases closed in an ISO week that were not opened again within 90 days.",
        "drivers": "People who find us; Days until a first talk; Cases with a plan; Cases opened again",
        "guardrails": "People turned away; Overtime a helper",
        "focuses": "Front desk: first talks within three days; Case work: cases with a plan in week one; "
        "Volunteers: helpers who stay for half a year",
        "caution": "Closing cases early makes the number rise. The 90 days keep it honest, and make it late.",
    },
)
